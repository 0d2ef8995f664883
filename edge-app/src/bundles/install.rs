//! From a folder on a stick into a slot: every check on the device's own copy, and the switch last.

use std::fs;
use std::path::Path;

use lakshan_core::manifest::{self, DataKind, Manifest};
use lakshan_engine::Bundle;

use super::copying::{Listed, Progress, copy_and_switch};
use super::signature::{Signed, read_signed_text};
use super::{BundlesError, Place, SignedBy, Slots, TrustedKeys, version};
use crate::screening::Screener;
use crate::self_test::{Outcome, known};

/// The largest bundle that is taken, in bytes: what a board of 512 MB could still run is far smaller.
const MAX_BUNDLE_BYTES: u64 = 300 << 20;

/// A bundle that holds: signed, whole, fit for this program, and right about the known photograph.
#[derive(Debug)]
pub struct Verified {
    /// What it says about itself.
    pub manifest: Manifest,
    /// Who signed it.
    pub signed_by: SignedBy,
    /// [`Outcome::Passed`] or a warning: that nobody has said what its network must give for the photograph.
    pub self_test: Outcome,
}

/// Checks the bundle in `folder` as an installation would, without installing it.
///
/// # Errors
/// The first fault.
pub fn verify(folder: &Path, keys: &TrustedKeys) -> Result<Verified, BundlesError> {
    let (bundle, signed_by) = open_signed(folder, keys)?;
    let manifest = bundle.manifest().clone();
    let screener = Screener::new(bundle)?;
    let self_test = known::check(&screener);
    if let Outcome::Failed(why) | Outcome::Skipped(why) = self_test {
        return Err(BundlesError::SelfTest(why));
    }
    Ok(Verified { manifest, signed_by, self_test })
}

/// Opens a bundle whose manifest must be signed.
pub(super) fn open_signed(folder: &Path, keys: &TrustedKeys) -> Result<(Bundle, SignedBy), BundlesError> {
    let signed = SignedBundle::read(folder, keys)?;
    Ok((Bundle::open(folder)?, signed.text.by))
}

/// The signed manifest of a bundle.
pub type SignedBundle = Signed<Manifest>;

impl SignedBundle {
    /// Reads that of the bundle in `folder`. Nothing of it is looked at before its signature holds.
    ///
    /// # Errors
    /// When it cannot be read, is signed by nobody whom the device trusts, or does not fit this program.
    pub fn read(folder: &Path, keys: &TrustedKeys) -> Result<Self, BundlesError> {
        let text = read_signed_text(folder, manifest::FILE_NAME, manifest::SIGNATURE_FILE, keys)?;
        let parsed = Manifest::parse(&text.bytes);
        let path = || folder.join(manifest::FILE_NAME);
        let manifest = parsed.map_err(|source| BundlesError::Manifest { path: path(), source })?;
        Ok(Self { manifest, text })
    }

    /// Whether it may take the place of what is in use.
    ///
    /// # Errors
    /// When the device has had a newer one, or would go from patients to synthetic faces.
    pub fn refuse_downgrade(&self, slots: &Slots) -> Result<(), BundlesError> {
        refuse_downgrade(&self.manifest, slots)
    }
}

/// Installs the bundle in `source` whose manifest was read as `signed`, and switches to it, on trial. `told` hears how far it
/// is, and gives false to stop it. With `forced`, an older version or a synthetic bundle may take the place of what is in
/// use.
///
/// # Errors
/// The first fault; what was in use still is.
pub fn install(
    source: &Path,
    signed: &SignedBundle,
    keys: &TrustedKeys,
    slots: &Slots,
    forced: bool,
    told: &mut dyn FnMut(Progress) -> bool,
) -> Result<(Verified, Place), BundlesError> {
    let installing = slots.begin_installing()?;
    if !forced {
        signed.refuse_downgrade(slots)?;
    }
    let listed = Listed { files: &signed.manifest.files, text: &signed.text, most_bytes: MAX_BUNDLE_BYTES };
    copy_and_switch(source, &listed, slots, &installing, told, |folder| {
        let verified = verify(folder, keys)?;
        let Manifest { name, version, .. } = &verified.manifest;
        let place = slots.switch(&installing, name, version)?;
        Ok((verified, place))
    })
}

fn refuse_downgrade(new: &Manifest, slots: &Slots) -> Result<(), BundlesError> {
    let state = slots.state()?;
    if let Some(newest) = state.newest.get(&new.name)
        && version::compare(&new.version, newest).is_le()
    {
        let (name, version) = (new.name.clone(), new.version.clone());
        return Err(BundlesError::NotNewer { name, version, newest: newest.clone() });
    }
    let in_use = slots.path(state.active).and_then(|folder| fs::read(folder.join(manifest::FILE_NAME)).ok());
    let in_use = in_use.and_then(|bytes| Manifest::parse(&bytes).ok());
    if new.provenance.kind == DataKind::Synthetic
        && in_use.is_some_and(|manifest| manifest.provenance.kind == DataKind::Patient)
    {
        return Err(BundlesError::Synthetic);
    }
    Ok(())
}
