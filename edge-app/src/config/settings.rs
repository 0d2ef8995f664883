//! Every key of the configuration: its name, what it means, and how it is read and written. The one list of them.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use toml::Value;

use super::Config;
use crate::camera::Setting as CameraSetting;
use crate::screen::Size;

/// One key.
pub struct Setting {
    /// Its name, with its section.
    pub key: &'static str,
    /// What it means, for the comment above it.
    pub about: &'static str,
    /// A value that it may have.
    pub example: &'static str,
    /// Takes a value into the configuration, or says what is wrong with it.
    pub read: fn(&mut Config, &Value) -> Result<(), String>,
    /// The value, as TOML; `None` when it is left open.
    pub write: fn(&Config) -> Option<String>,
}

/// Every key, in the order of the file.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "language",
        about: "The language of the screens, as a code. Left out, the device asks at its first start.",
        example: "\"hi\"",
        read: |config, value| set(&mut config.language, Some(text(value)?.to_owned())),
        write: |config| config.language.as_deref().map(quoted),
    },
    Setting {
        key: "bundle",
        about: "The folder of the bundle. Left out, the usual places are looked at.",
        example: "\"/usr/share/lakshan/bundle\"",
        read: |config, value| set(&mut config.bundle, Some(PathBuf::from(text(value)?))),
        write: |config| config.bundle.as_ref().map(|path| quoted(&path.to_string_lossy())),
    },
    Setting {
        key: "state",
        about: "The folder in which the device remembers its language and keeps installed bundles. No picture is ever written.",
        example: "\"/data/lakshan\"",
        read: |config, value| set(&mut config.state, PathBuf::from(text(value)?)),
        write: |config| Some(quoted(&config.state.to_string_lossy())),
    },
    Setting {
        key: "keys",
        about: "The folder of the public keys (*.pub, as minisign writes them) of those whose bundles may be installed.",
        example: "\"/data/lakshan/keys\"",
        read: |config, value| set(&mut config.keys, PathBuf::from(text(value)?)),
        write: |config| Some(quoted(&config.keys.to_string_lossy())),
    },
    Setting {
        key: "sticks",
        about: "The folder in which USB sticks appear, one folder each, or \"none\". A signed update on one is offered on the screen.",
        example: "\"none\"",
        read: |config, value| {
            let folder = text(value)?;
            set(&mut config.sticks, (folder != "none").then(|| PathBuf::from(folder)))
        },
        write: |config| {
            Some(config.sticks.as_ref().map_or("\"none\"".to_owned(), |path| quoted(&path.to_string_lossy())))
        },
    },
    Setting {
        key: "register",
        about: "Whether each result is counted in a register without picture or name, for the clinic's report.",
        example: "true",
        read: |config, value| set(&mut config.register, yes_or_no(value)?),
        write: |config| Some(config.register.to_string()),
    },
    Setting {
        key: "camera.source",
        about: "auto, v4l:PATH (v4l:/dev/video0), rpicam (a CSI module), or folder:DIR (pictures in files, for demonstrations).",
        example: "\"v4l:/dev/video0\"",
        read: |config, value| set(&mut config.camera, parsed(value)?),
        write: |config| Some(quoted(&config.camera.to_string())),
    },
    Setting {
        key: "camera.width",
        about: "The width of the camera's pictures in pixels, or near to it.",
        example: "640",
        read: |config, value| set(&mut config.wanted.width, number(value, 160, 4096)?),
        write: |config| Some(config.wanted.width.to_string()),
    },
    Setting {
        key: "camera.height",
        about: "Their height.",
        example: "480",
        read: |config, value| set(&mut config.wanted.height, number(value, 120, 4096)?),
        write: |config| Some(config.wanted.height.to_string()),
    },
    Setting {
        key: "camera.rate",
        about: "Pictures a second, or near to it.",
        example: "15",
        read: |config, value| set(&mut config.wanted.rate, number(value, 1, 120)?),
        write: |config| Some(config.wanted.rate.to_string()),
    },
    Setting {
        key: "camera.exposure",
        about: "\"auto\", or how long each picture is exposed in units of 0.1 ms, where the camera can.",
        example: "\"auto\"",
        read: |config, value| set(&mut config.controls.exposure, control(value)?),
        write: |config| Some(written(config.controls.exposure)),
    },
    Setting {
        key: "camera.focus",
        about: "\"auto\", or where the lens stands, in the camera's own units, where the camera can.",
        example: "30",
        read: |config, value| set(&mut config.controls.focus, control(value)?),
        write: |config| Some(written(config.controls.focus)),
    },
    Setting {
        key: "camera.mains_hz",
        about: "50 or 60: the mains frequency, so that lamps do not flicker in the pictures.",
        example: "60",
        read: |config, value| match number(value, 0, u32::MAX)? {
            hertz @ (50 | 60) => set(&mut config.controls.mains_hz, hertz),
            _ => Err("it must be 50 or 60".to_owned()),
        },
        write: |config| Some(config.controls.mains_hz.to_string()),
    },
    Setting {
        key: "display.kind",
        about: "auto, kms (the device's own screen), window (on a desktop), or png:DIR (files, for demonstrations; they show\nthe patient).",
        example: "\"kms\"",
        read: |config, value| set(&mut config.display, parsed(value)?),
        write: |config| Some(quoted(&config.display.to_string())),
    },
    Setting {
        key: "display.size",
        about: "Width and height in pixels. Left out, the screen's own.",
        example: "\"800x480\"",
        read: |config, value| set(&mut config.display_wishes.size, Some(size(text(value)?)?)),
        write: |config| config.display_wishes.size.map(|size| quoted(&format!("{}x{}", size.width(), size.height()))),
    },
    Setting {
        key: "display.connector",
        about: "The connector of the screen, as `edge-app display list` names it. Left out, the first with a screen.",
        example: "\"HDMI-A-1\"",
        read: |config, value| set(&mut config.display_wishes.connector, Some(text(value)?.to_owned())),
        write: |config| config.display_wishes.connector.as_deref().map(quoted),
    },
    Setting {
        key: "buttons.kind",
        about: "auto, gpio (buttons on pins), evdev (keyboard, touch screen, the kernel's gpio-keys), \"gpio,evdev\", or none.",
        example: "\"gpio,evdev\"",
        read: |config, value| set(&mut config.buttons, parsed(value)?),
        write: |config| Some(quoted(&config.buttons.to_string())),
    },
    Setting {
        key: "buttons.capture",
        about: "The pin of the capture button, as the chip counts (BCM).",
        example: "4",
        read: |config, value| set(&mut config.pins.capture, pin(value)?),
        write: |config| Some(config.pins.capture.to_string()),
    },
    Setting {
        key: "buttons.back",
        about: "The pin of the back button.",
        example: "3",
        read: |config, value| set(&mut config.pins.back, pin(value)?),
        write: |config| Some(config.pins.back.to_string()),
    },
    Setting {
        key: "buttons.menu",
        about: "The pin of the menu button.",
        example: "2",
        read: |config, value| set(&mut config.pins.menu, pin(value)?),
        write: |config| Some(config.pins.menu.to_string()),
    },
    Setting {
        key: "buttons.active_low",
        about: "true: a pressed button connects its pin to ground, and the chip's pull-up does the rest. false: to 3.3 V.",
        example: "false",
        read: |config, value| set(&mut config.pins.buttons_active_low, yes_or_no(value)?),
        write: |config| Some(config.pins.buttons_active_low.to_string()),
    },
    Setting {
        key: "buttons.debounce_ms",
        about: "How long a level must last before it counts, in milliseconds.",
        example: "30",
        read: |config, value| set(&mut config.pins.debounce, Duration::from_millis(number(value, 1, 500)?.into())),
        write: |config| Some(config.pins.debounce.as_millis().to_string()),
    },
    Setting {
        key: "touch.swap",
        about: "The touch panel's x runs along the screen's y.",
        example: "true",
        read: |config, value| set(&mut config.touch.swap, yes_or_no(value)?),
        write: |config| Some(config.touch.swap.to_string()),
    },
    Setting {
        key: "touch.flip_x",
        about: "Left and right of the touch panel change places.",
        example: "true",
        read: |config, value| set(&mut config.touch.flip_x, yes_or_no(value)?),
        write: |config| Some(config.touch.flip_x.to_string()),
    },
    Setting {
        key: "touch.flip_y",
        about: "Top and bottom of the touch panel change places.",
        example: "true",
        read: |config, value| set(&mut config.touch.flip_y, yes_or_no(value)?),
        write: |config| Some(config.touch.flip_y.to_string()),
    },
    Setting {
        key: "light.kind",
        about: "none, rgb (one LED of three colours) or three (single LEDs for fault, ready and working; two together mean attention).",
        example: "\"rgb\"",
        read: |config, value| set(&mut config.light, parsed(value)?),
        write: |config| Some(quoted(&config.light.to_string())),
    },
    Setting {
        key: "light.red",
        about: "The pin of red, or of the LED for a fault.",
        example: "16",
        read: |config, value| set(&mut config.pins.red, pin(value)?),
        write: |config| Some(config.pins.red.to_string()),
    },
    Setting {
        key: "light.green",
        about: "The pin of green, or of the LED for ready.",
        example: "20",
        read: |config, value| set(&mut config.pins.green, pin(value)?),
        write: |config| Some(config.pins.green.to_string()),
    },
    Setting {
        key: "light.blue",
        about: "The pin of blue, or of the LED for working.",
        example: "21",
        read: |config, value| set(&mut config.pins.blue, pin(value)?),
        write: |config| Some(config.pins.blue.to_string()),
    },
    Setting {
        key: "light.active_low",
        about: "true: an LED burns when its pin is low (common anode).",
        example: "true",
        read: |config, value| set(&mut config.pins.lights_active_low, yes_or_no(value)?),
        write: |config| Some(config.pins.lights_active_low.to_string()),
    },
    Setting {
        key: "session.idle_seconds",
        about: "After this long without a press, the device returns to its start and forgets the patient.",
        example: "90",
        read: |config, value| set(&mut config.idle, Duration::from_secs(number(value, 10, 3600)?.into())),
        write: |config| Some(config.idle.as_secs().to_string()),
    },
    Setting {
        key: "session.can_power_off",
        about: "Whether the menu can switch the device off.",
        example: "true",
        read: |config, value| set(&mut config.can_power_off, yes_or_no(value)?),
        write: |config| Some(config.can_power_off.to_string()),
    },
    Setting {
        key: "limits.memory_mb",
        about: "Below this much free memory, in megabytes, the device refuses to work.",
        example: "96",
        read: |config, value| set(&mut config.least_memory_mb, number(value, 0, 1 << 20)?.into()),
        write: |config| Some(config.least_memory_mb.to_string()),
    },
    Setting {
        key: "limits.disk_mb",
        about: "Below this much free space where `state` is, in megabytes, the self-test warns.",
        example: "32",
        read: |config, value| set(&mut config.least_disk_mb, number(value, 0, 1 << 20)?.into()),
        write: |config| Some(config.least_disk_mb.to_string()),
    },
    Setting {
        key: "limits.celsius",
        about: "Above this temperature of the processor, in degrees Celsius, the self-test warns.",
        example: "75",
        read: |config, value| set(&mut config.warm_celsius, number(value, 30, 110)?.into()),
        write: |config| Some(config.warm_celsius.to_string()),
    },
];

fn set<T>(target: &mut T, value: T) -> Result<(), String> {
    *target = value;
    Ok(())
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "it must be a text in quotes".to_owned())
}

fn parsed<T: FromStr<Err = String>>(value: &Value) -> Result<T, String> {
    text(value)?.parse()
}

fn yes_or_no(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "it must be true or false".to_owned())
}

fn number(value: &Value, least: u32, most: u32) -> Result<u32, String> {
    let number = value.as_integer().ok_or("it must be a whole number")?;
    let inside = u32::try_from(number).ok().filter(|number| (least..=most).contains(number));
    inside.ok_or_else(|| format!("it must be from {least} to {most}"))
}

fn pin(value: &Value) -> Result<u8, String> {
    Ok(number(value, 0, 53)? as u8)
}

fn control(value: &Value) -> Result<CameraSetting, String> {
    match value {
        Value::String(text) if text == "auto" => Ok(CameraSetting::Auto),
        Value::Integer(fixed) if *fixed >= 0 => Ok(CameraSetting::Fixed(*fixed)),
        _ => Err("it must be \"auto\" or a whole number".to_owned()),
    }
}

fn written(setting: CameraSetting) -> String {
    match setting {
        CameraSetting::Auto => quoted("auto"),
        CameraSetting::Fixed(value) => value.to_string(),
    }
}

fn size(text: &str) -> Result<Size, String> {
    let sides = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    let (width, height) = sides.ok_or("it must be WIDTHxHEIGHT, such as 800x480")?;
    Size::new(width, height).ok_or_else(|| format!("each side must be {} to {} pixels", Size::LEAST, Size::LARGEST))
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
