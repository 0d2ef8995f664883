//! `edge-app run`: the device itself, from its parts to the session and back.

mod bundle;
mod program;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use super::Outcome;
use super::classify::{BundleArgument, parse_size};
use super::config::ConfigArgument;
use crate::bundles::Place;
use crate::camera::{self, CameraChoice, CameraError};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::device_loop::{CameraView, DeviceLoop, Ended, OpenCamera, Parts, TestParts, Tested};
use crate::display::{self, DisplayChoice};
use crate::indicator::{self, LightChoice};
use crate::input::{self, ButtonsChoice};
use crate::parts::{Camera, Sticks};
use crate::screen::Size;
use crate::self_test::{self, Limits, Outcome as Looked, Subjects};
use crate::service::Service;
use crate::session::Settings;
use crate::sticks::StickFolder;
use crate::stop::Stop;
use crate::text::{TextError, languages};
use crate::{bundle_search, register, remembered, report};

use program::ProgramTrial;

/// How long the camera may take to give its first picture in the self-test.
const CAMERA_PATIENCE: Duration = Duration::from_secs(5);

/// Be the device: guide the person, take the picture, show the finding.
///
/// Every part can be named here or in the configuration; what is named here wins. A part that is missing is an error;
/// no other part takes its place. A camera that is not plugged in, and a bundle that cannot be used, are shown on the
/// screen, and waited for.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Run {
    /// auto, v4l:PATH, rpicam, or folder:DIR (pictures in files, for demonstrations; a file alone is one that holds still).
    #[arg(long, value_name = "CAMERA")]
    camera: Option<CameraChoice>,

    /// auto, kms, window, or png:DIR (a file for each change; they show the person).
    #[arg(long, value_name = "DISPLAY")]
    display: Option<DisplayChoice>,

    /// auto, gpio, evdev, gpio,evdev or none.
    #[arg(long, value_name = "BUTTONS")]
    buttons: Option<ButtonsChoice>,

    /// The language, instead of the one that is remembered.
    #[arg(long, value_name = "CODE")]
    lang: Option<String>,

    /// The size of a window or of PNG files, in pixels.
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    screen_size: Option<Size>,

    /// The folder in which USB sticks appear, one folder each, or none: a signed update that lies on one is offered on the
    /// screen.
    #[arg(long, value_name = "DIR|none")]
    sticks: Option<String>,

    /// The slot that the launcher has started this program from.
    #[arg(long, value_name = "a|b", hide = true, value_parser = parse_slot)]
    program_slot: Option<Place>,

    /// Say on stdout, line by line, what is pressed and shown, findings too, and how many live pictures a second: for
    /// tests and demonstrations, never with patients.
    #[arg(long)]
    transcript: bool,

    #[command(flatten)]
    bundle: BundleArgument,

    #[command(flatten)]
    config: ConfigArgument,
}

const HELP: &str = "\
Examples:
  edge-app run                                                      on a device, as configured
  edge-app run --display window --camera folder:photo.jpg           on a PC, without a camera
  edge-app run --display window --camera v4l:/dev/video0 --lang hi  on a PC, with its camera

An update on a stick is a folder whose name begins with lakshan: a bundle as `host-trainer bundle --sign` makes it, or a program
as `cargo xtask update` makes it. After an installation the program ends, so that it is started again with what is new.

In a window, Space or Enter is the capture button, Escape or Backspace is back, M or Tab is the menu.
Ctrl-C and SIGTERM end it and give the screen back.";

impl Run {
    /// Opens the parts and runs until it is asked to end.
    ///
    /// # Errors
    /// When a part is missing or gone for good, or the configuration cannot be used.
    pub fn run(self) -> anyhow::Result<Outcome> {
        // The launcher starts programs through /proc, after which lists of processes call them `exe` or by a number. Only a
        // name: without it the device works as well.
        let _ = rustix::thread::set_name(c"edge-app");
        let config = self.effective_config()?;
        let language = self.language(&config)?;
        let folder = self.bundle_folder(&config)?;
        let is_named = self.bundle.is_named() || config.bundle.is_some();
        let (open_bundle, mut bundle_alive) = match is_named {
            true => bundle::named(folder),
            false => bundle::installed(&config, folder),
        };
        let program = ProgramTrial::new(&config, self.program_slot)?;
        let stop = Stop::on_signals().context("cannot listen to signals")?;

        // The camera first: when it is an error, no screen has to be given back.
        let open_camera = open_camera(&config)?;
        let screen = display::open(&config.display, &config.display_wishes).context("cannot open the screen")?;
        eprintln!("screen: {}", screen.about);
        let has_window = screen.input.is_some();
        let size = screen.display.size();
        let mut buttons = input::open(config.buttons, &config.pins, size, config.touch, has_window)
            .context("cannot open the buttons")?;
        for about in &buttons.about {
            eprintln!("buttons: {about}");
        }
        if let Some(input) = screen.input {
            buttons.input.add(input);
        }
        let has_buttons = !buttons.input.is_empty();
        if !has_buttons {
            eprintln!("buttons: none, as was asked for");
        }
        let light = indicator::open(config.light, &config.pins).context("cannot open the light")?;

        let clock = SystemClock::start();
        let settings = Settings {
            languages: languages().map(|(code, _)| code.to_owned()).collect(),
            language,
            idle: config.idle,
            can_power_off: config.can_power_off,
            keeps_register: config.register,
        };
        let state = config.state.clone();
        let least_memory = config.least_memory_mb << 20;
        let parts = Parts {
            camera: open_camera,
            display: screen.display,
            input: Box::new(buttons.input),
            indicator: Some(light),
            clock: Box::new(clock),
            test: program.watch(self_test(&config, clock, has_buttons), &stop),
            sticks: self.stick_folder(&config, is_named),
            bundle: open_bundle,
            record: register::recorder(&config, clock),
            save_language: Box::new(move |code| {
                remembered::set_language(&state, code).map_err(|error| report::in_one_line(&error))
            }),
            witness: self.transcript.then_some(Box::new(tell)),
            memory: Box::new(move || Some((self_test::available_memory_bytes()?, least_memory))),
        };
        let mut device = DeviceLoop::new(parts, settings)?;
        let mut service = Service::start();
        let ended = device.run(&stop.flag(), &mut || {
            service.alive();
            bundle_alive();
            program.alive();
        });
        // The screen is given back before anything is said or switched off.
        drop(device);
        match ended? {
            Ended::Asked => Ok(Outcome::Done),
            Ended::Restart => {
                eprintln!("something was installed: the program ends, to be started again with it");
                Ok(Outcome::Done)
            }
            Ended::PowerOff => power_off(),
        }
    }

    fn effective_config(&self) -> anyhow::Result<Config> {
        let mut config = self.config.load()?;
        if let Some(camera) = &self.camera {
            config.camera = camera.clone();
        }
        if let Some(display) = &self.display {
            config.display = display.clone();
        }
        if let Some(buttons) = self.buttons {
            config.buttons = buttons;
        }
        if let Some(size) = self.screen_size {
            config.display_wishes.size = Some(size);
        }
        if let Some(sticks) = &self.sticks {
            config.sticks = (sticks != "none").then(|| PathBuf::from(sticks));
        }
        Ok(config)
    }

    /// Where updates come from. A bundle that somebody has named is not changed by a stick.
    fn stick_folder(&self, config: &Config, bundle_is_named: bool) -> Option<Box<dyn Sticks>> {
        let folder = config.sticks.clone().filter(|_| !bundle_is_named)?;
        Some(Box::new(StickFolder::new(folder, config.clone(), self.config.path())))
    }

    /// The language of the flag, else the one that was chosen last, else the configuration's; `None` asks.
    fn language(&self, config: &Config) -> anyhow::Result<Option<String>> {
        let is_known = |code: &str| languages().any(|(known, _)| known == code);
        if let Some(code) = &self.lang {
            if !is_known(code) {
                return Err(TextError::UnknownLanguage(code.clone()).into());
            }
            return Ok(Some(code.clone()));
        }
        // A remembered language may be of another release; then the device asks again.
        if let Some(code) = remembered::language(&config.state).filter(|code| is_known(code)) {
            return Ok(Some(code));
        }
        match &config.language {
            Some(code) if !is_known(code) => Err(TextError::UnknownLanguage(code.clone()).into()),
            code => Ok(code.clone()),
        }
    }

    /// The folder to open. When there is none in the usual places, the one of an installed system: the screen says that it
    /// is missing, and the session goes on by itself when it has been put there.
    fn bundle_folder(&self, config: &Config) -> anyhow::Result<PathBuf> {
        match &config.bundle {
            Some(folder) if !self.bundle.is_named() => Ok(folder.clone()),
            _ => Ok(self.bundle.folder().unwrap_or_else(|error| {
                report::print(&error);
                PathBuf::from(bundle_search::IN_SYSTEM)
            })),
        }
    }
}

/// Opens the camera once, so that what can never work is an error now, and gives the means to open it again.
fn open_camera(config: &Config) -> anyhow::Result<OpenCamera> {
    let (choice, wanted, controls) = (config.camera.clone(), config.wanted, config.controls);
    let mut first: Option<Box<dyn Camera>> = match camera::open(&choice, wanted, controls) {
        Ok(camera) => {
            eprintln!("camera: {}", camera.describe());
            Some(camera)
        }
        // It may be plugged in later, and the screen says so until then.
        Err(error @ (CameraError::NoCamera { .. } | CameraError::Device { .. })) => {
            eprintln!("camera: {}; {}", report::in_one_line(&error), error.hint());
            None
        }
        Err(error) => return Err(error).context("cannot open the camera"),
    };
    Ok(Box::new(move || match first.take() {
        Some(camera) => Ok(camera),
        None => camera::open(&choice, wanted, controls).map_err(|error| report::in_one_line(&error)),
    }))
}

/// The self-test. Screen, buttons and light are in use by whoever asks for it: they have been opened.
fn self_test(config: &Config, clock: SystemClock, has_buttons: bool) -> TestParts {
    let limits =
        Limits { memory_mb: config.least_memory_mb, disk_mb: config.least_disk_mb, celsius: config.warm_celsius };
    let none = || Looked::Skipped("the configuration has none".to_owned());
    let buttons = if has_buttons { Looked::Passed } else { none() };
    let light = if config.light == LightChoice::None { none() } else { Looked::Passed };
    let state = config.state.clone();
    Box::new(move |tested: Tested<'_>| {
        self_test::run(Subjects {
            screener: tested.screener,
            camera: look_at_camera(&tested.camera),
            screen: Looked::Passed,
            buttons: buttons.clone(),
            light: light.clone(),
            state: &state,
            limits,
            clock: &clock,
        })
    })
}

fn look_at_camera(camera: &CameraView) -> Looked {
    let state = camera.settled(CAMERA_PATIENCE);
    match (state.gives_pictures, state.fault) {
        (true, _) => Looked::Passed,
        (false, Some(why)) => Looked::Failed(why),
        (false, None) => Looked::Failed("no picture came in time".to_owned()),
    }
}

fn parse_slot(word: &str) -> Result<Place, String> {
    let slot = [Place::A, Place::B].into_iter().find(|place| place.id() == word);
    slot.ok_or_else(|| "a slot is a or b".to_owned())
}

/// One line of the transcript. When nobody reads it any more, the device goes on.
fn tell(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn power_off() -> anyhow::Result<Outcome> {
    const PROGRAM: &str = "poweroff";
    let status = Command::new(PROGRAM).status().with_context(|| format!("cannot start {PROGRAM}"))?;
    if !status.success() {
        bail!("{PROGRAM} ended with {status}");
    }
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        run: Run,
    }

    fn parse(words: &str) -> Run {
        Line::try_parse_from(words.split_whitespace()).unwrap().run
    }

    #[test]
    fn the_flag_wins_over_what_is_remembered_and_that_over_the_configuration() {
        let state = tempfile::tempdir().unwrap();
        let config = |language: Option<&str>| Config {
            language: language.map(str::to_owned),
            state: state.path().to_owned(),
            ..Config::default()
        };
        assert_eq!(parse("run").language(&config(None)).unwrap(), None);
        assert_eq!(parse("run").language(&config(Some("en"))).unwrap().as_deref(), Some("en"));
        assert!(parse("run").language(&config(Some("tlh"))).is_err());
        assert!(parse("run --lang tlh").language(&config(None)).is_err());
        remembered::set_language(state.path(), "tlh").unwrap();
        assert_eq!(parse("run").language(&config(None)).unwrap(), None, "of another release");
        remembered::set_language(state.path(), "en").unwrap();
        assert_eq!(parse("run").language(&config(None)).unwrap().as_deref(), Some("en"));
    }

    #[test]
    fn flags_win_over_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.toml");
        std::fs::write(&file, "bundle = '/from-file'\n[camera]\nsource = 'rpicam'\n[display]\nkind = 'kms'\n").unwrap();
        let line = format!("run --config {} --camera folder:pictures --screen-size 480x320", file.display());
        let run = parse(&line);
        let config = run.effective_config().unwrap();
        assert_eq!(config.camera, CameraChoice::Folder("pictures".into()));
        assert_eq!((config.display.clone(), config.display_wishes.size), (DisplayChoice::Kms, Size::new(480, 320)));
        assert_eq!(run.bundle_folder(&config).unwrap(), Path::new("/from-file"));
        let run = parse(&format!("{line} --bundle /from-flag"));
        assert_eq!(run.bundle_folder(&config).unwrap(), Path::new("/from-flag"));
    }
}
