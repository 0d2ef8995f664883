//! The bundles that were installed on the device: whom it trusts, two slots, the switch between them and the way back.
//!
//! ```text
//! STATE/bundles/slots.json   which slot is in use, which was before, how often a new one was started; replaced by rename
//! STATE/bundles/a, b         the slots: manifest.json, its signature, and the files that the manifest lists
//! STATE/bundles/incoming     a bundle while it is copied and tried; never used
//! ```
//!
//! A bundle is copied beside the slots, held against its signature and hashes as it lies on the device's own disk, and
//! tried on the known photograph. Only then does it take the slot that is not in use, and `slots.json` is replaced. Until
//! that moment the old bundle is the one in use, whatever fails and whenever the power goes. After it, the new bundle is
//! on trial: unless the program runs with it for [`PROBATION`], three starts lead back to the old one.

mod copying;
mod error;
mod install;
pub(crate) mod plain_file;
mod signature;
mod slots;
mod trial;
pub(crate) mod version;

pub use copying::Progress;
pub(crate) use copying::{Listed, copy_and_switch, copy_checked};
pub use error::BundlesError;
pub use install::{SignedBundle, Verified, install, verify};
pub(crate) use signature::read_signed_text;
pub use signature::{SignatureError, Signed, SignedBy, TrustedKeys};
pub use slots::{Place, Slots, State, Trial};
pub use trial::{InUse, MAX_STARTS, PROBATION};
