//! What the transcript says of a screen, a light, an effect: stable words for golden files, in English.

use lakshan_core::Finding;

use crate::parts::Light;
use crate::screen::{Fault, Screen};
use crate::self_test::{Check, Outcome};
use crate::session::Effect;

/// A screen's name, for file names.
pub(super) fn name(screen: &Screen) -> &'static str {
    match screen {
        Screen::Start { .. } => "start",
        Screen::Language { .. } => "language",
        Screen::Consent { .. } => "consent",
        Screen::Aim(_) => "aim",
        Screen::Capture { .. } => "capture",
        Screen::Working => "working",
        Screen::Result(_) => "result",
        Screen::AllClasses(_) => "all-classes",
        Screen::DoctorsLookFor { .. } => "doctors-look-for",
        Screen::RedFlags => "red-flags",
        Screen::Menu { .. } => "menu",
        Screen::About { .. } => "about",
        Screen::Fault(_) => "fault",
    }
}

/// A screen with what tells it from others of its kind.
pub(super) fn screen(screen: &Screen, language: &str) -> String {
    let more = match screen {
        Screen::Start { checks } => remarks(checks),
        Screen::Language { .. } => language.to_owned(),
        Screen::Consent { selected } => if *selected { "yes" } else { "no" }.to_owned(),
        Screen::Aim(aim) => aim.guidance.id().to_owned(),
        Screen::Capture { taken, wanted } => format!("{taken} of {wanted}"),
        Screen::Working | Screen::RedFlags => String::new(),
        Screen::Result(result) => finding(&result.finding),
        Screen::AllClasses(all) => {
            let ranked = all.probabilities.ranked();
            let first: Vec<String> = ranked[..3].iter().map(|(class, p)| format!("{class} {}", percent(*p))).collect();
            format!("{} ...", first.join(", "))
        }
        Screen::DoctorsLookFor { class, page } => format!("{class}, page {}", page + 1),
        Screen::Menu { items, selected } => items.get(*selected).map_or("", |item| item.id()).to_owned(),
        Screen::About { page, .. } => format!("page {}", page + 1),
        Screen::Fault(fault) => match fault {
            Fault::BundleRefused(why) | Fault::Storage(why) | Fault::Internal(why) => format!("{}: {why}", fault.id()),
            Fault::SelfTestFailed(checks) => format!("{}: {}", fault.id(), remarks(checks)),
            Fault::CameraLost | Fault::CameraMissing | Fault::LowMemory => fault.id().to_owned(),
        },
    };
    format!("{:<17}{more}", name(screen)).trim_end().to_owned()
}

/// The checks that did not pass.
fn remarks(checks: &[Check]) -> String {
    if checks.is_empty() {
        return "testing".to_owned();
    }
    let remark = |check: &Check| {
        let part = check.part.id();
        match &check.outcome {
            Outcome::Passed => None,
            Outcome::Warned(why) => Some(format!("{part} warned ({why})")),
            Outcome::Failed(why) => Some(format!("{part} failed ({why})")),
            Outcome::Skipped(why) => Some(format!("{part} skipped ({why})")),
        }
    };
    let remarks: Vec<String> = checks.iter().filter_map(remark).collect();
    if remarks.is_empty() { "all passed".to_owned() } else { remarks.join(", ") }
}

fn finding(finding: &Finding) -> String {
    match finding {
        Finding::Retake(reason) => format!("retake {reason}"),
        Finding::NotClear | Finding::NoMatch => finding.kind().to_owned(),
        Finding::Resembles(classes) => {
            let found = |found: &lakshan_core::Resemblance| format!("{} {}", found.class, percent(found.probability));
            format!("resembles {}", classes.iter().map(found).collect::<Vec<_>>().join(", "))
        }
    }
}

fn percent(probability: f32) -> String {
    format!("{:.0} %", probability * 100.0)
}

pub(super) fn light(light: Light) -> &'static str {
    match light {
        Light::Off => "off",
        Light::Ready => "ready",
        Light::Working => "working",
        Light::Attention => "attention",
        Light::Fault => "fault",
    }
}

pub(super) fn effect(effect: &Effect) -> String {
    match effect {
        Effect::SelfTest { .. } => "self-test".to_owned(),
        Effect::Watch(on) => if *on { "watch" } else { "look away" }.to_owned(),
        Effect::Keep(_) => "keep a face".to_owned(),
        Effect::Judge { frames, .. } => format!("judge the best {}", frames.len()),
        Effect::Wipe => "wipe".to_owned(),
        Effect::SaveLanguage(code) => format!("save language {code}"),
        Effect::PowerOff => "power off".to_owned(),
    }
}
