//! The setters of calls, which are those of their twins.

/// Gives a type the setters of what is within it.
macro_rules! forward {
    ($twin:path => $($setter:ident($($argument:ident: $type:ty),+);)+) => {$(
        #[doc = concat!("As [`", stringify!($twin), "::", stringify!($setter), "`].")]
        pub fn $setter(self, $($argument: $type),+) -> Self {
            Self(self.0.map(|twin| twin.$setter($($argument),+)))
        }
    )+};
}

pub(super) use forward;
