//! Exposure, focus, white balance and mains hum, on cameras that have such controls.

use crate::camera::{Controls, Setting};
use v4l::Device;
use v4l::control::{Control, Value};

// The kernel's ids, from linux/v4l2-controls.h.
const AUTO_WHITE_BALANCE: u32 = 0x0098_090C;
const POWER_LINE_FREQUENCY: u32 = 0x0098_0918;
const EXPOSURE_AUTO: u32 = 0x009A_0901;
const EXPOSURE_ABSOLUTE: u32 = 0x009A_0902;
const FOCUS_ABSOLUTE: u32 = 0x009A_090A;
const FOCUS_AUTO: u32 = 0x009A_090C;

// Values of EXPOSURE_AUTO.
const EXPOSURE_IS_MANUAL: i64 = 1;
const EXPOSURE_IS_BY_APERTURE: i64 = 3;
const EXPOSURE_IS_AUTO: i64 = 0;

/// Sets what the camera has, and says of each how that went. A camera without a control is none the worse for it.
pub(super) fn apply(device: &Device, wishes: Controls) -> Vec<String> {
    let mut said = Vec::new();
    let mut set = |name: &str, words: String, tries: &[(u32, i64)]| {
        // The kernel's list of controls cannot be asked for: the v4l crate panics on kinds that it does not know.
        let done =
            tries.iter().any(|&(id, value)| device.set_control(Control { id, value: Value::Integer(value) }).is_ok());
        said.push(if done { format!("{name} {words}") } else { format!("{name}: the camera has no such control") });
    };
    match wishes.exposure {
        Setting::Auto => {
            let tries = [(EXPOSURE_AUTO, EXPOSURE_IS_BY_APERTURE), (EXPOSURE_AUTO, EXPOSURE_IS_AUTO)];
            set("exposure", "automatic".to_owned(), &tries);
        }
        Setting::Fixed(value) => {
            set("exposure", "by hand".to_owned(), &[(EXPOSURE_AUTO, EXPOSURE_IS_MANUAL)]);
            set("exposure time", format!("{value} x 0.1 ms"), &[(EXPOSURE_ABSOLUTE, value)]);
        }
    }
    match wishes.focus {
        Setting::Auto => set("focus", "automatic".to_owned(), &[(FOCUS_AUTO, 1)]),
        Setting::Fixed(value) => {
            set("focus", "by hand".to_owned(), &[(FOCUS_AUTO, 0)]);
            set("focus position", value.to_string(), &[(FOCUS_ABSOLUTE, value)]);
        }
    }
    set("white balance", "automatic".to_owned(), &[(AUTO_WHITE_BALANCE, 1)]);
    let mains = if wishes.mains_hz == 60 { 2 } else { 1 };
    set("mains frequency", format!("{} Hz", wishes.mains_hz), &[(POWER_LINE_FREQUENCY, mains)]);
    said
}
