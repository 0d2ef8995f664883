//! The device's configuration: a TOML file of few keys, each with a default; flags override it.
//!
//! `edge-app config --print` writes the effective configuration with a comment on every key. A key that does not exist
//! is an error that names the nearest one that does.

mod settings;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use settings::{SETTINGS, Setting};
use toml::{Table, Value};

use crate::board::Pins;
use crate::camera::{CameraChoice, Controls, Setting as CameraSetting, Wanted};
use crate::display::{DisplayChoice, DisplayWishes};
use crate::indicator::LightChoice;
use crate::input::ButtonsChoice;
use crate::input::keys::TouchTurn;

/// Where the configuration is when no other file is named. It need not exist.
pub const DEFAULT_FILE: &str = "/etc/lakshan/edge-app.toml";

/// All that can be configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The language of the screens; `None` asks at the first start.
    pub language: Option<String>,
    /// The bundle's folder; `None` looks in the usual places.
    pub bundle: Option<PathBuf>,
    /// Where the device remembers its language and keeps installed bundles.
    pub state: PathBuf,
    /// The folder of the public keys of those whose bundles the device takes.
    pub keys: PathBuf,
    /// The folder in which USB sticks appear; `None` looks at none.
    pub sticks: Option<PathBuf>,
    /// Whether encounters are counted, for the clinic's report.
    pub register: bool,
    /// Which camera.
    pub camera: CameraChoice,
    /// Its size and rate.
    pub wanted: Wanted,
    /// What it does by itself.
    pub controls: Controls,
    /// Which screen.
    pub display: DisplayChoice,
    /// Its size and connector.
    pub display_wishes: DisplayWishes,
    /// Which buttons.
    pub buttons: ButtonsChoice,
    /// How the touch panel lies over the screen.
    pub touch: TouchTurn,
    /// Which light.
    pub light: LightChoice,
    /// Where buttons and light are connected.
    pub pins: Pins,
    /// After this long without a press, the last patient is forgotten.
    pub idle: Duration,
    /// Whether the menu can switch the device off.
    pub can_power_off: bool,
    /// Below this much free memory, in megabytes, the device refuses to work.
    pub least_memory_mb: u64,
    /// Below this much free space in `state`, in megabytes, the self-test warns.
    pub least_disk_mb: u64,
    /// Above this temperature of the processor, in degrees Celsius, the self-test warns.
    pub warm_celsius: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            language: None,
            bundle: None,
            state: PathBuf::from("/var/lib/lakshan"),
            keys: PathBuf::from("/etc/lakshan/keys"),
            sticks: Some(PathBuf::from("/run/lakshan-sticks")),
            register: false,
            camera: CameraChoice::Auto,
            wanted: Wanted { width: 1280, height: 720, rate: 30 },
            controls: Controls { exposure: CameraSetting::Auto, focus: CameraSetting::Auto, mains_hz: 50 },
            display: DisplayChoice::Auto,
            display_wishes: DisplayWishes { size: None, connector: None },
            buttons: ButtonsChoice::Auto,
            touch: TouchTurn::default(),
            light: LightChoice::None,
            pins: Pins {
                capture: 17,
                back: 27,
                menu: 22,
                buttons_active_low: true,
                debounce: Duration::from_millis(20),
                red: 5,
                green: 6,
                blue: 13,
                lights_active_low: false,
            },
            idle: Duration::from_secs(120),
            can_power_off: false,
            least_memory_mb: 64,
            least_disk_mb: 16,
            warm_celsius: 80,
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration {} is not valid TOML", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the parser says, with the line.
        source: toml::de::Error,
    },
    /// There is no such key.
    #[error("the configuration {} has an unknown key '{key}'", path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key, with its section.
        key: String,
        /// The key that was probably meant.
        nearest: &'static str,
    },
    /// A key has a value that it cannot have.
    #[error("in the configuration {}, '{key}' is {value}: {why}", path.display())]
    BadValue {
        /// The file.
        path: PathBuf,
        /// The key, with its section.
        key: &'static str,
        /// The value as it stands there.
        value: String,
        /// What is wrong with it.
        why: String,
    },
}

impl ConfigError {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => Some("name another with --config FILE".to_owned()),
            Self::Syntax { .. } => Some("compare it with `edge-app config --print`".to_owned()),
            Self::UnknownKey { nearest, .. } => {
                Some(format!("did you mean '{nearest}'? `edge-app config --print` shows every key"))
            }
            Self::BadValue { .. } => Some("`edge-app config --print` says what each key means".to_owned()),
        }
    }
}

impl Config {
    /// Reads the file; with none named, [`DEFAULT_FILE`] if it exists.
    ///
    /// # Errors
    /// When the named file is missing, or a file holds what it must not.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let path = file.unwrap_or(Path::new(DEFAULT_FILE));
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if file.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ConfigError::Read { path: path.to_owned(), source }),
        }
    }

    /// Reads the text of a file; `path` is for errors only.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let syntax = |source| ConfigError::Syntax { path: path.to_owned(), source };
        let table: Table = text.parse().map_err(syntax)?;
        let mut config = Self::default();
        for (key, value) in flat(table) {
            let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else {
                let nearest = nearest(&key);
                return Err(ConfigError::UnknownKey { path: path.to_owned(), key, nearest });
            };
            (setting.read)(&mut config, &value).map_err(|why| ConfigError::BadValue {
                path: path.to_owned(),
                key: setting.key,
                value: value.to_string(),
                why,
            })?;
        }
        config.check_pins(path)?;
        Ok(config)
    }

    /// Two parts on one pin would short one against the other.
    fn check_pins(&self, path: &Path) -> Result<(), ConfigError> {
        let Pins { capture, back, menu, red, green, blue, .. } = self.pins;
        let mut used = vec![("buttons.capture", capture), ("buttons.back", back), ("buttons.menu", menu)];
        if self.light != LightChoice::None {
            used.extend([("light.red", red), ("light.green", green), ("light.blue", blue)]);
        }
        for (index, (key, pin)) in used.iter().enumerate() {
            if used[..index].iter().any(|(_, other)| other == pin) {
                let (path, why) = (path.to_owned(), format!("pin {pin} is used twice"));
                return Err(ConfigError::BadValue { path, key, value: pin.to_string(), why });
            }
        }
        Ok(())
    }

    /// The text of a file that gives this configuration, with a comment on every key.
    pub fn to_text(&self) -> String {
        let mut text = String::from("# Lakshan: the device's configuration. Every key may be left out.\n");
        let mut section = "";
        for setting in SETTINGS {
            let (its_section, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
            if its_section != section {
                section = its_section;
                text.push_str(&format!("\n[{section}]\n"));
            } else {
                text.push('\n');
            }
            for line in setting.about.lines() {
                text.push_str(&format!("# {line}\n"));
            }
            match (setting.write)(self) {
                Some(value) => text.push_str(&format!("{name} = {value}\n")),
                None => text.push_str(&format!("# {name} = {}\n", setting.example)),
            }
        }
        text
    }
}

/// The keys with their sections, and their values.
fn flat(table: Table) -> Vec<(String, Value)> {
    let mut keys = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(section) => {
                keys.extend(flat(section).into_iter().map(|(key, value)| (format!("{name}.{key}"), value)))
            }
            value => keys.push((name, value)),
        }
    }
    keys
}

/// The existing key that is most like this one; the same name in another section is most like it.
fn nearest(key: &str) -> &'static str {
    let name = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let likeness = |setting: &&Setting| {
        let whole = strsim::damerau_levenshtein(key, setting.key);
        let last = strsim::damerau_levenshtein(&name(key), &name(setting.key));
        whole.min(last * 2)
    };
    SETTINGS.iter().min_by_key(likeness).map_or("", |setting| setting.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("test.toml"))
    }

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(parse("").unwrap(), Config::default());
        assert_eq!(
            Config::load(Some(Path::new("/nowhere.toml"))).unwrap_err().to_string(),
            "cannot read the configuration /nowhere.toml"
        );
    }

    #[test]
    fn what_is_printed_reads_back() {
        let default = Config::default();
        assert_eq!(parse(&default.to_text()).unwrap(), default);
        let other = parse(
            "language = 'hi'\nbundle = '/b'\n[camera]\nsource = 'v4l:/dev/video2'\nwidth = 640\nheight = 480\nexposure = 120\n\
             [display]\nkind = 'png:out'\nsize = '480x320'\n[buttons]\nkind = 'gpio,evdev'\ncapture = 4\nactive_low = false\n\
             [light]\nkind = 'rgb'\n[session]\nidle_seconds = 60\n[touch]\nswap = true\n",
        )
        .unwrap();
        assert_eq!(parse(&other.to_text()).unwrap(), other);
        assert_eq!((other.wanted.width, other.pins.capture, other.idle), (640, 4, Duration::from_secs(60)));
        assert!(other.touch.swap && !other.pins.buttons_active_low);
    }

    #[test]
    fn every_key_is_read_and_written_and_explained() {
        let text = Config::default().to_text();
        for setting in SETTINGS {
            assert!(setting.about.len() > 10, "{}", setting.key);
            let example: Table = format!("value = {}", setting.example).parse().unwrap();
            let mut config = Config::default();
            (setting.read)(&mut config, &example["value"]).unwrap_or_else(|why| panic!("{}: {why}", setting.key));
            let written = (setting.write)(&config).unwrap_or_else(|| panic!("{} is not written", setting.key));
            assert_eq!(written, example["value"].to_string(), "{}", setting.key);
            assert!(text.contains(&format!("{} = ", setting.key.rsplit('.').next().unwrap())), "{}", setting.key);
        }
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        for (text, nearest) in [
            ("langauge = 'hi'", "language"),
            ("[camera]\nwidht = 3", "camera.width"),
            ("[buttons]\ncapture_pin = 3", "buttons.capture"),
            ("width = 3", "camera.width"),
            ("[lights]\nred = 3", "light.red"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.hint().unwrap().contains(&format!("'{nearest}'")), "{text}: {:?}", error.hint());
        }
    }

    #[test]
    fn values_have_bounds() {
        for (text, words) in [
            ("[camera]\nwidth = 'wide'", "a whole number"),
            ("[camera]\nwidth = 10", "from 160 to 4096"),
            ("[camera]\nmains_hz = 55", "50 or 60"),
            ("[camera]\nsource = 'usb'", "v4l:PATH"),
            ("[display]\nsize = '9x9'", "320"),
            ("[buttons]\ncapture = 99", "from 0 to 53"),
            ("[light]\nkind = 'blue'", "rgb"),
            ("language = 7", "a text"),
            ("[buttons]\nback = 17", "pin 17 is used twice"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(matches!(error, ConfigError::BadValue { .. }) && error.to_string().contains(words), "{error}");
        }
        assert!(parse("language = ").unwrap_err().hint().unwrap().contains("--print"));
    }
}
