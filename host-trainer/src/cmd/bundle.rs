//! `host-trainer bundle`: packs network, calibration, figures and model card for the device.

use std::path::{Path, PathBuf};

use anyhow::Context;
use lakshan_core::manifest::{FILE_NAME, NETWORK_FILE, SIGNATURE_FILE};
use serde::de::DeserializeOwned;

use crate::bundle::{Contents, Evidence, Signer, pack};
use crate::evidence::report;

/// Pack a bundle for the device and open it the way the device does.
#[derive(Debug, clap::Args)]
pub struct Cmd {
    /// Training run; its config.json goes into the bundle, and the files below are looked for in it.
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    /// The int8 network [default: RUN/model.onnx].
    #[arg(long, value_name = "FILE.onnx", required_unless_present = "run")]
    onnx: Option<PathBuf>,
    /// What `calibrate` wrote [default: RUN/calibration.json].
    #[arg(long, value_name = "FILE.json", required_unless_present = "run")]
    calibration: Option<PathBuf>,
    /// What `evaluate --json` wrote [default: RUN/evaluation.json].
    #[arg(long, value_name = "FILE.json", required_unless_present = "run")]
    metrics: Option<PathBuf>,
    /// The folder that `evaluate --report` wrote: gates and tables go into the model card, the files into the bundle's
    /// folder `report`. It must be of this very network.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Folder to write; an older bundle in it is replaced.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Short name.
    #[arg(long)]
    name: String,
    /// Version.
    #[arg(long)]
    version: String,
    /// Sign it with this secret key, of `host-trainer keys new` or `minisign -G`: devices install nothing unsigned.
    #[arg(long, value_name = "FILE.key")]
    sign: Option<PathBuf>,
    /// A file with the secret key's password, instead of asking for it.
    #[arg(long, value_name = "FILE", requires = "sign")]
    password_file: Option<PathBuf>,
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When a part is missing, the parts do not belong together, or the device would refuse the bundle.
    pub fn run(self) -> anyhow::Result<()> {
        let part = |given: Option<PathBuf>, name: &str| {
            given.or_else(|| self.run.as_ref().map(|run| run.join(name))).expect("clap requires it without --run")
        };
        let network = part(self.onnx.clone(), NETWORK_FILE);
        // First, so that a wrong password costs no time.
        let signer = self.sign.as_deref().map(|key| self.signer(key)).transpose()?;
        let contents = Contents {
            name: self.name.clone(),
            version: self.version.clone(),
            network: std::fs::read(&network).with_context(|| format!("cannot read {}", network.display()))?,
            calibration: read(&part(self.calibration.clone(), "calibration.json"))?,
            report: read(&part(self.metrics.clone(), "evaluation.json"))?,
            evidence: self.report.as_deref().map(evidence).transpose()?,
            training: match &self.run {
                Some(run) => read(&run.join("config.json"))?,
                None => serde_json::Value::Null,
            },
            signer,
        };
        let bundle = pack(&contents, &self.out)?;
        let manifest = bundle.manifest();
        println!("{}: {} {}", self.out.display(), manifest.name, manifest.version);
        for (name, file) in &manifest.files {
            println!("  {name}: {} bytes, SHA-256 {}", file.bytes, file.sha256);
        }
        if self.sign.is_some() {
            println!(
                "  {SIGNATURE_FILE}: check it with minisign -V -m {} -p KEY.pub",
                self.out.join(FILE_NAME).display()
            );
        }
        Ok(())
    }

    fn signer(&self, key: &Path) -> anyhow::Result<Signer> {
        let password = self.password_file.as_deref().map(|path| {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            anyhow::Ok(text.trim_end_matches(['\n', '\r']).to_owned())
        });
        Ok(Signer::open(key, password.transpose()?)?)
    }
}

/// Report and files of a report's folder.
fn evidence(folder: &Path) -> anyhow::Result<Evidence> {
    let bytes = |name: &'static str| {
        let path = folder.join(name);
        let contents = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        anyhow::Ok((name, contents))
    };
    let files = [report::HTML_FILE, report::JSON_FILE, report::CSV_FILE].map(bytes);
    Ok(Evidence { report: read(&folder.join(report::JSON_FILE))?, files: files.into_iter().collect::<Result<_, _>>()? })
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not what it should be", path.display()))
}
