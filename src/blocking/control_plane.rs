use super::pages::Pages;
use super::runtime::Blocking;
use super::setters::forward;
use crate::error::Error;
use crate::foundation_models::{
    InferenceType, ListFoundationModelsResponse, ModelCustomization, ModelModality,
};
use crate::inference_profiles::{InferenceProfileType, ListInferenceProfilesResponse};
use crate::operations;

/// A ListFoundationModels call in the making, as [`operations::ListFoundationModelsCall`].
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent"]
pub struct ListFoundationModelsCall(pub(super) Blocking<operations::ListFoundationModelsCall>);

/// A ListInferenceProfiles call in the making, as [`operations::ListInferenceProfilesCall`].
#[derive(Clone, Debug)]
#[must_use = "a list is empty until its pages are read"]
pub struct ListInferenceProfilesCall(pub(super) Blocking<operations::ListInferenceProfilesCall>);

impl ListFoundationModelsCall {
    forward! { operations::ListFoundationModelsCall =>
        by_provider(provider: impl Into<String>);
        by_customization_type(customization: ModelCustomization);
        by_output_modality(modality: ModelModality);
        by_inference_type(inference_type: InferenceType);
    }

    /// Sends the request and waits for the reply, which is the whole list.
    ///
    /// # Errors
    /// As [`operations::ListFoundationModelsCall::send`].
    pub fn send(self) -> Result<ListFoundationModelsResponse, Error> {
        self.0.call(operations::ListFoundationModelsCall::send)
    }
}

impl ListInferenceProfilesCall {
    forward! { operations::ListInferenceProfilesCall =>
        type_equals(profile_type: InferenceProfileType);
        max_results(number: u32);
        next_token(token: impl Into<String>);
    }

    /// The pages of the list. Nothing is sent before one is asked for.
    pub fn pages(self) -> Pages<ListInferenceProfilesResponse> {
        Pages::new(self.0.map(operations::ListInferenceProfilesCall::pages))
    }
}
