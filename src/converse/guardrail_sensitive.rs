use serde::{Deserialize, Serialize};

use super::wire::open_enum;

/// What the policy on sensitive information found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailSensitiveInformationPolicyAssessment {
    /// Personal information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pii_entities: Option<Vec<GuardrailPiiEntityFilter>>,
    /// What the guardrail's own patterns matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regexes: Option<Vec<GuardrailRegexFilter>>,
}

/// Personal information.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailPiiEntityFilter {
    /// The information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#match: Option<String>,
    /// Its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GuardrailPiiEntityType>,
    /// What the guardrail did about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<GuardrailSensitiveInformationPolicyAction>,
    /// Whether it was found, blocked or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detected: Option<bool>,
}

/// What a pattern of the guardrail's own matched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailRegexFilter {
    /// The pattern's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The text that matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#match: Option<String>,
    /// The pattern.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// What the guardrail did about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<GuardrailSensitiveInformationPolicyAction>,
    /// Whether it was found, blocked or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detected: Option<bool>,
}

open_enum! {
    /// What a guardrail did about sensitive information.
    GuardrailSensitiveInformationPolicyAction {
        /// It was replaced by its kind.
        Anonymized = "ANONYMIZED",
        /// It was blocked.
        Blocked = "BLOCKED",
        /// Nothing.
        None = "NONE",
    }
}

open_enum! {
    /// A kind of personal information.
    GuardrailPiiEntityType {
        /// A postal address.
        Address = "ADDRESS",
        /// An age.
        Age = "AGE",
        /// An AWS access key id.
        AwsAccessKey = "AWS_ACCESS_KEY",
        /// An AWS secret access key.
        AwsSecretKey = "AWS_SECRET_KEY",
        /// A Canadian health number.
        CaHealthNumber = "CA_HEALTH_NUMBER",
        /// A Canadian social insurance number.
        CaSocialInsuranceNumber = "CA_SOCIAL_INSURANCE_NUMBER",
        /// The verification code of a payment card.
        CreditDebitCardCvv = "CREDIT_DEBIT_CARD_CVV",
        /// The expiry date of a payment card.
        CreditDebitCardExpiry = "CREDIT_DEBIT_CARD_EXPIRY",
        /// The number of a payment card.
        CreditDebitCardNumber = "CREDIT_DEBIT_CARD_NUMBER",
        /// The number of a driving licence.
        DriverId = "DRIVER_ID",
        /// An email address.
        Email = "EMAIL",
        /// An international bank account number.
        InternationalBankAccountNumber = "INTERNATIONAL_BANK_ACCOUNT_NUMBER",
        /// An IP address.
        IpAddress = "IP_ADDRESS",
        /// A vehicle's licence plate.
        LicensePlate = "LICENSE_PLATE",
        /// A network adapter's address.
        MacAddress = "MAC_ADDRESS",
        /// A person's name.
        Name = "NAME",
        /// A password.
        Password = "PASSWORD",
        /// A telephone number.
        Phone = "PHONE",
        /// A personal identification number.
        Pin = "PIN",
        /// A bank's SWIFT code.
        SwiftCode = "SWIFT_CODE",
        /// A British National Health Service number.
        UkNationalHealthServiceNumber = "UK_NATIONAL_HEALTH_SERVICE_NUMBER",
        /// A British national insurance number.
        UkNationalInsuranceNumber = "UK_NATIONAL_INSURANCE_NUMBER",
        /// A British taxpayer reference.
        UkUniqueTaxpayerReferenceNumber = "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER",
        /// A web address.
        Url = "URL",
        /// A user name.
        Username = "USERNAME",
        /// An American bank account number.
        UsBankAccountNumber = "US_BANK_ACCOUNT_NUMBER",
        /// An American bank routing number.
        UsBankRoutingNumber = "US_BANK_ROUTING_NUMBER",
        /// An American taxpayer identification number.
        UsIndividualTaxIdentificationNumber = "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
        /// An American passport number.
        UsPassportNumber = "US_PASSPORT_NUMBER",
        /// An American social security number.
        UsSocialSecurityNumber = "US_SOCIAL_SECURITY_NUMBER",
        /// A vehicle identification number.
        VehicleIdentificationNumber = "VEHICLE_IDENTIFICATION_NUMBER",
    }
}
