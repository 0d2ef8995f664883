//! From a folder on a stick into a program's slot: every check on the device's own copy, and the switch last.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use super::manifest::{MANIFEST_FILE, PROGRAM_FILE, ProgramManifest, SIGNATURE_FILE};
use super::sealed::Sealed;
use crate::bundles::{
    BundlesError, Listed, Place, Progress, Signed, SignedBy, Slots, TrustedKeys, copy_and_switch, read_signed_text,
    version,
};

/// The largest program that is taken, in bytes: it lies in memory while it runs.
const MAX_PROGRAM_BYTES: u64 = 80 << 20;
/// How long a new program may take to open the bundle in use and to judge the known photograph.
const TRY_LIMIT: Duration = Duration::from_secs(80);
/// The words with which a program is tried: a promise from one release to the next, as is `run --program-slot`.
const TRY: [&str; 2] = ["app", "try"];

/// The signed manifest of a program.
pub type SignedProgram = Signed<ProgramManifest>;

/// A program that holds: signed, whole, for this processor; not tried yet.
#[derive(Debug)]
pub struct VerifiedProgram {
    /// What it says about itself.
    pub manifest: ProgramManifest,
    /// Who signed it.
    pub signed_by: SignedBy,
    pub(super) program: Sealed,
}

impl SignedProgram {
    /// Reads that of the program in `folder`. Nothing of it is looked at before its signature holds.
    ///
    /// # Errors
    /// When it cannot be read, is signed by nobody whom the device trusts, or is not for this device.
    pub fn read(folder: &Path, keys: &TrustedKeys) -> Result<Self, BundlesError> {
        let text = read_signed_text(folder, MANIFEST_FILE, SIGNATURE_FILE, keys)?;
        let parsed = ProgramManifest::parse(&text.bytes);
        let path = || folder.join(MANIFEST_FILE);
        let manifest = parsed.map_err(|source| BundlesError::ProgramManifest { path: path(), source })?;
        Ok(Self { manifest, text })
    }

    /// Whether it may take the place of what is in use.
    ///
    /// # Errors
    /// When the device has had it or a newer one, or this program is newer.
    pub fn refuse_downgrade(&self, slots: &Slots) -> Result<(), BundlesError> {
        let state = slots.state()?;
        let version = &self.manifest.program_version;
        let newest = [state.newest.get(PROGRAM_FILE).map_or("", String::as_str), env!("CARGO_PKG_VERSION")];
        match newest.into_iter().find(|newest| version::compare(version, newest).is_le()) {
            None => Ok(()),
            Some(newest) => Err(BundlesError::NotNewer {
                name: PROGRAM_FILE.to_owned(),
                version: version.clone(),
                newest: newest.to_owned(),
            }),
        }
    }
}

/// Checks the program in `folder`: signature, hash, processor. Its bytes are in memory then, as they were checked.
///
/// # Errors
/// The first fault.
pub fn verify(folder: &Path, keys: &TrustedKeys) -> Result<VerifiedProgram, BundlesError> {
    let signed = SignedProgram::read(folder, keys)?;
    let program = Sealed::read(&folder.join(PROGRAM_FILE), &signed.manifest.program)?;
    Ok(VerifiedProgram { manifest: signed.manifest, signed_by: signed.text.by, program })
}

impl VerifiedProgram {
    /// Lets it open the bundle in use and judge the known photograph, with the configuration in `config`.
    ///
    /// # Errors
    /// When it cannot be run, fails or hangs.
    pub fn must_pass_its_test(&self, config: Option<&Path>) -> Result<(), BundlesError> {
        let mut words: Vec<&OsStr> = TRY.iter().map(OsStr::new).collect();
        if let Some(path) = config {
            words.extend(["--config".as_ref(), path.as_os_str()]);
        }
        let fault = |why| BundlesError::SelfTest(format!("the new program: {why}"));
        self.program.must_succeed(&words, TRY_LIMIT).map_err(fault)
    }
}

/// Installs the program in `source` whose manifest was read as `signed`, and switches to it, on trial. `told` hears how far
/// it is, and gives false to stop it. `forced` takes an older version.
///
/// # Errors
/// The first fault; what was in use still is.
pub fn install(
    source: &Path,
    signed: &SignedProgram,
    keys: &TrustedKeys,
    slots: &Slots,
    config: Option<&Path>,
    forced: bool,
    told: &mut dyn FnMut(Progress) -> bool,
) -> Result<(VerifiedProgram, Place), BundlesError> {
    let installing = slots.begin_installing()?;
    if !forced {
        signed.refuse_downgrade(slots)?;
    }
    let files = BTreeMap::from([(PROGRAM_FILE.to_owned(), signed.manifest.program.clone())]);
    let listed = Listed { files: &files, text: &signed.text, most_bytes: MAX_PROGRAM_BYTES };
    copy_and_switch(source, &listed, slots, &installing, told, |folder| {
        let verified = verify(folder, keys)?;
        verified.must_pass_its_test(config)?;
        let place = slots.switch(&installing, PROGRAM_FILE, &verified.manifest.program_version)?;
        Ok((verified, place))
    })
}
