//! Which bundle `edge-app run` uses: one that is named, or the one in use among those that were installed.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use lakshan_engine::Bundle;

use crate::bundles::{InUse, Slots};
use crate::config::Config;
use crate::device_loop::OpenBundle;
use crate::report;
use crate::screening::Screener;

/// How the loop opens the bundle, and what has to be called while the program runs well.
pub(super) type OpenAndAlive = (OpenBundle, Box<dyn FnMut()>);

/// The bundle in `folder` and no other, signed or not: somebody has named it.
pub(super) fn named(folder: PathBuf) -> OpenAndAlive {
    let open = move || {
        let bundle = Bundle::open(&folder).map_err(|error| report::in_one_line(&error))?;
        Screener::new(bundle).map_err(|error| report::in_one_line(&error))
    };
    (Box::new(open), Box::new(|| {}))
}

/// The installed bundle in use; the one in `program`, which came with the program, when none was installed.
pub(super) fn installed(config: &Config, program: PathBuf) -> OpenAndAlive {
    let in_use = InUse::new(Slots::new(&config.state), config.keys.clone(), program);
    let in_use = Arc::new(Mutex::new(in_use));
    let opened = Arc::clone(&in_use);
    let open = move || {
        let mut in_use = opened.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.open().map_err(|error| report::in_one_line(&error))
    };
    // While the worker opens it, nothing is to be told.
    let alive = move || {
        if let Ok(mut in_use) = in_use.try_lock() {
            in_use.alive(Instant::now());
        }
    };
    (Box::new(open), Box::new(alive))
}
