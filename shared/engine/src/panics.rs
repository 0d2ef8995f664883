//! Turns panics into errors, and keeps their lines from the user's screen.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

use crate::error::EngineError;

thread_local! {
    /// How many calls of [`contain`] this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// Where the last contained panic of this thread began.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// tract indexes and unwraps on files that were tampered with; such a panic must not end a device's session, nor print a
/// line that means nothing to its user. It becomes an error, which says where it began.
///
/// Nothing that `work` touches may be used after a panic, so that no half-changed value is seen.
pub(crate) fn contain<T>(work: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    catch_unwind(AssertUnwindSafe(|| quietly(work))).unwrap_or_else(|panic| {
        let words =
            panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(EngineError::Panicked {
            words: words.unwrap_or("a panic without words").to_owned(),
            place: PLACE.with_borrow(Clone::clone),
        })
    })
}

/// Does `work`; whoever calls catches its panics, of which nothing is printed.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> T {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| if DEPTH.get() == 0 { before(info) } else { note(info) }));
    });
    let _inside = Inside::enter();
    work()
}

fn note(info: &PanicHookInfo) {
    let place =
        info.location().map_or_else(String::new, |place| format!("{}:{}", from_crate(place.file()), place.line()));
    PLACE.set(place);
}

/// A source file's path from its crate's folder on: what lies before is the building machine's.
fn from_crate(file: &str) -> &str {
    let file = file
        .rsplit_once("/registry/src/")
        .map_or(file, |(_, file)| file.split_once('/').map_or(file, |(_, file)| file));
    file.rsplit_once("/library/").map_or(file, |(_, file)| file)
}

struct Inside;

impl Inside {
    fn enter() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_that_says_where() {
        let error = contain::<()>(|| panic!("no {}", "sense")).unwrap_err();
        let EngineError::Panicked { words, place } = &error else { panic!("{error:?}") };
        assert_eq!(words, "no sense");
        assert!(place.contains("panics.rs:"), "{place}");
        assert_eq!(DEPTH.get(), 0);
    }

    #[test]
    fn paths_of_the_building_machine_are_cut() {
        assert_eq!(
            from_crate("/a/b/registry/src/index.x-1f/tract-core-0.23.9/src/ops.rs"),
            "tract-core-0.23.9/src/ops.rs"
        );
        assert_eq!(from_crate("shared/engine/src/graph.rs"), "shared/engine/src/graph.rs");
    }
}
