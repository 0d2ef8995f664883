//! `edge-app simulate`: a whole session from a script, as a transcript and as pictures of the screens.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::Outcome;
use super::classify::{BundleArgument, parse_size};
use crate::screen::Size;
use crate::simulate::{Options, simulate};
use crate::text::Texts;

/// Follow a script through a whole session: presses, photographs as the camera, faults, time.
///
/// The session, the networks and the screens are the device's own; camera, buttons and clock are played by the script. The
/// transcript on stdout says at which second what happened, what the session did, and what the screen and the light
/// showed.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Simulate {
    /// The script.
    #[arg(long, value_name = "FILE")]
    script: PathBuf,

    /// Draw the screens as PNG files into this folder: those that the script names with `picture`, or, if it names none,
    /// one for each change. They show the photographs.
    #[arg(long, value_name = "DIR")]
    frames: Option<PathBuf>,

    #[command(flatten)]
    bundle: BundleArgument,

    /// The size of the screen in pixels.
    #[arg(long, value_name = "WxH", default_value = "800x480", value_parser = parse_size)]
    screen_size: Size,

    /// The language that was chosen before. A line `language` in the script does the same.
    #[arg(long, value_name = "CODE")]
    lang: Option<String>,

    /// After how many seconds without a press the session returns to its start.
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = clap::value_parser!(u32).range(1..))]
    idle: u32,
}

const HELP: &str = "\
A script has one command a line; '#' begins a remark. Files and folders are named relative to the script.

  language CODE           the language that was chosen before; without it nobody has chosen yet
  bundle FOLDER           the bundle that the next self-test opens
  self-test PART OUTCOME  passed, or warned, failed, skipped with the reason
  camera FILE [light=F] [shade=F] [shake=PX] [size=F]
                          what the camera sees from now on: a photograph; all of it or its left half darker or
                          brighter by a factor; moved to and fro; made smaller
  camera nothing          a grey wall
  camera frozen           no pictures any more, and no word about it
  camera lost             unplugged; the next camera line plugs it in again
  memory low|enough
  unsaved WORDS           the next language that is chosen cannot be saved
  work SECONDS            how long the network takes
  broken WORDS            a part of the program falls over
  stick bundle|program NAME VERSION KEY
                          a stick with such an update, signed with that key, is plugged in
  stick refused REASON WORDS
                          one with an update that is refused: unsigned, untrusted, changed, damaged, unfit, older, no_room
  stick plain             one without an update
  stick pulled            the stick is pulled out, also in the middle of an installation
  install SECONDS         how long installing, or saving the register, takes
  install REASON WORDS    it fails: a reason as above, or self_test, stick, device
  press BUTTON [long]     capture, back or menu
  touch X Y               pixels of the screen
  wait SECONDS            time passes
  picture NAME            the screen as NAME.png, with --frames

Example:
  language en
  camera ../../models/samples/down-1.jpg
  wait 1
  press capture           # to consent
  wait 1
  press menu              # yes
  press capture
  wait 4                  # the picture takes itself";

/// A longer script is none.
const MAX_SCRIPT_BYTES: u64 = 1 << 20;

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_SCRIPT_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_SCRIPT_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is longer than {MAX_SCRIPT_BYTES} bytes")));
    }
    Ok(text)
}

impl Simulate {
    /// Follows the script.
    ///
    /// # Errors
    /// When the script, a photograph or a language cannot be used, or an output cannot be written.
    pub fn run(self) -> anyhow::Result<Outcome> {
        let failed = || format!("cannot follow {}", self.script.display());
        let mut script = read(&self.script)
            .with_context(|| format!("cannot read {}", self.script.display()))
            .with_context(failed)?;
        if let Some(code) = &self.lang {
            Texts::load(code)?;
            // Before the script's own lines; the first one counts.
            script = format!("language {code}\n{script}");
        }
        if let Some(folder) = &self.frames {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let folder = self.script.parent().filter(|parent| !parent.as_os_str().is_empty());
        let options = Options {
            folder: folder.unwrap_or(Path::new(".")).to_owned(),
            bundle: self.bundle.folder()?,
            size: self.screen_size,
            pictures: self.frames.clone(),
            idle: Duration::from_secs(u64::from(self.idle)),
        };
        let mut out = BufWriter::new(io::stdout().lock());
        let followed = simulate(&script, options, &mut out);
        // What has happened before the fault is worth reading, too.
        out.flush()?;
        followed.with_context(failed)?;
        Ok(Outcome::Done)
    }
}
