//! How Amazon's shapes become JSON: the two kinds that stay open, and the rule for members that are left out.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serializer};

/// Declares an enum of strings that keeps a value it does not know.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $value:literal,)+ }) => {
        $(#[$meta])*
        ///
        /// The set is open: a value that Amazon adds later is kept and written back unchanged.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A value that this crate does not know. Make one with `From`, which recognises the known values.
            Unknown(String),
        }

        impl $name {
            /// The value as it is on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)+
                    Self::Unknown(value) => value,
                }
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                match value {
                    $($value => Self::$variant,)+
                    unknown => Self::Unknown(unknown.into()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::converse::wire::Text::deserialize(deserializer).map(|value| Self::from(&*value.0))
            }
        }
    };
}

/// Declares a union, an object of which exactly one member is set, that keeps a member it does not know.
macro_rules! union {
    ($(#[$meta:meta])* $name:ident { $($(#[$member_meta:meta])* $variant:ident($type:ty) = $member:literal,)+ }) => {
        $(#[$meta])*
        ///
        /// The union is open: a member that Amazon adds later is kept and written back unchanged. Beside a known member, an
        /// unknown one is ignored.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$member_meta])* $variant($type),)+
            /// A member that this crate does not know.
            Unknown {
                /// The member's name; empty for an object without members, whose value is null.
                name: String,
                /// The member's value, boxed so that what is rare does not make what is common large.
                value: Box<serde_json::Value>,
            },
        }

        impl $crate::converse::wire::Union for $name {
            const MEMBERS: &[&str] = &[$($member),+];

            fn member(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $member,)+
                    Self::Unknown { name, .. } => name,
                }
            }

            fn empty() -> Self {
                Self::Unknown { name: String::new(), value: Box::default() }
            }

            fn is_empty(&self) -> bool {
                matches!(self, Self::Unknown { name, value } if name.is_empty() && value.is_null())
            }

            fn serialize_value<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(value) => serde::Serialize::serialize(value, serializer),)+
                    Self::Unknown { value, .. } => serde::Serialize::serialize(value, serializer),
                }
            }

            fn deserialize_value<'de, D>(member: &str, deserializer: D) -> Result<Option<Self>, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                Ok(match member {
                    $($member => <Option<$type> as serde::Deserialize>::deserialize(deserializer)?.map(Self::$variant),)+
                    unknown => <Option<serde_json::Value> as serde::Deserialize>::deserialize(deserializer)?
                        .map(|value| Self::Unknown { name: unknown.into(), value: Box::new(value) }),
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::converse::wire::serialize_union(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::converse::wire::deserialize_union(deserializer)
            }
        }
    };
}

pub(crate) use {open_enum, union};

/// What `union!` writes for each union, so that the rules below are written once.
pub(crate) trait Union: Sized {
    /// The names of the known members.
    const MEMBERS: &[&str];

    fn member(&self) -> &str;

    fn serialize_value<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// What an object without members is: null by no name.
    fn empty() -> Self;

    fn is_empty(&self) -> bool;

    /// `None` where the value is null.
    fn deserialize_value<'de, D>(member: &str, deserializer: D) -> Result<Option<Self>, D::Error>
    where
        D: Deserializer<'de>;
}

pub(crate) fn serialize_union<U: Union, S: Serializer>(union: &U, serializer: S) -> Result<S::Ok, S::Error> {
    struct Value<'a, U>(&'a U);

    impl<U: Union> serde::Serialize for Value<'_, U> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.serialize_value(serializer)
        }
    }

    let mut object = serializer.serialize_map(Some(usize::from(!union.is_empty())))?;
    if !union.is_empty() {
        object.serialize_entry(union.member(), &Value(union))?;
    }
    object.end()
}

/// Reads the one member straight into its type: serde's own union support would buffer it first, and a stream does
/// this for every event.
pub(crate) fn deserialize_union<'de, U, D>(deserializer: D) -> Result<U, D::Error>
where
    U: Union,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(UnionVisitor(PhantomData))
}

struct UnionVisitor<U>(PhantomData<U>);

impl<'de, U: Union> Visitor<'de> for UnionVisitor<U> {
    type Value = U;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with one of the members {}", U::MEMBERS.join(", "))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<U, A::Error> {
        let mut set: Option<U> = None;
        let mut is_known = false;
        while let Some(Text(name)) = object.next_key()? {
            // Services may add the name of the shape; Smithy has clients ignore it in unions.
            if name == "__type" {
                object.next_value::<IgnoredAny>()?;
                continue;
            }
            let would_be_known = U::MEMBERS.contains(&&*name);
            if is_known && !would_be_known {
                object.next_value::<IgnoredAny>()?;
                continue;
            }
            let Some(member) = object.next_value_seed(MemberSeed { name: &name, union: PhantomData })? else {
                continue;
            };
            match set.replace(member) {
                Some(first) if is_known => {
                    let (first, name) = (first.member().escape_debug(), name.escape_debug());
                    return Err(A::Error::custom(format_args!(
                        "a union has two members, `{first}` and `{name}`"
                    )));
                }
                _ => is_known = would_be_known,
            }
        }
        Ok(set.unwrap_or_else(U::empty))
    }
}

struct MemberSeed<'a, U> {
    name: &'a str,
    union: PhantomData<U>,
}

impl<'de, U: Union> DeserializeSeed<'de> for MemberSeed<'_, U> {
    type Value = Option<U>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<U>, D::Error> {
        U::deserialize_value(self.name, deserializer)
    }
}

/// A string that is borrowed from the input where the input holds it unescaped.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// Reads null as the default. With `#[serde(default)]` it makes a required member of a reply forgiving: Smithy has
/// clients put the zero value where a service left one out.
pub(crate) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
