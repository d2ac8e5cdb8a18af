use std::path::Path;

use libtest_mimic::Trial;

pub(crate) fn trials(_suite: &Path) -> Vec<Trial> {
    Vec::new()
}
