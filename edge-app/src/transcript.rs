//! What a transcript says of a screen, a light, an effect: stable words in English, for golden files and for engineers.
//! They name findings.

use std::time::Duration;

use lakshan_core::Finding;

use crate::parts::{InputEvent, Light};
use crate::screen::{Fault, Screen, StickScreen};
use crate::self_test::{Check, Outcome};
use crate::session::Effect;
use crate::sticks::{Offer, Step};

/// One line: when, what, and which.
pub fn line(now: Duration, what: &str, words: &str) -> String {
    format!("{:8.3}  {what:<7}{words}", now.as_secs_f64()).trim_end().to_owned()
}

/// A screen with what tells it from others of its kind.
pub fn screen(screen: &Screen, language: &str) -> String {
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
        Screen::Stick(screen) => stick(screen),
        Screen::Fault(fault) => match fault {
            Fault::BundleRefused(why) | Fault::Storage(why) | Fault::Internal(why) => format!("{}: {why}", fault.id()),
            Fault::SelfTestFailed(checks) => format!("{}: {}", fault.id(), remarks(checks)),
            Fault::CameraLost | Fault::CameraMissing | Fault::LowMemory => fault.id().to_owned(),
        },
    };
    format!("{:<17}{more}", screen.id()).trim_end().to_owned()
}

fn stick(screen: &StickScreen) -> String {
    match screen {
        StickScreen::Found { offer, selected } => {
            let Offer { kind, name, version, signer } = offer;
            let marked = if *selected { "yes" } else { "no" };
            format!("{} {name} {version} signed by {signer}: {marked}", kind.id())
        }
        StickScreen::Installing(Step::Copying(percent)) => format!("{percent} %"),
        StickScreen::Installing(Step::Testing) => "testing".to_owned(),
        StickScreen::Installed(kind) => kind.id().to_owned(),
        StickScreen::Refused(refused) | StickScreen::NotSaved(refused) => {
            format!("{}: {}", refused.reason.id(), refused.details)
        }
        StickScreen::Saving => String::new(),
        StickScreen::Saved { rows } => format!("{rows} rows"),
    }
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

/// What a person did.
pub fn input(event: InputEvent) -> String {
    match event {
        InputEvent::Button(button, press) => format!("{button:?} {press:?}").to_lowercase(),
        InputEvent::Touch { x, y } => format!("touch {x:.0} {y:.0}"),
        InputEvent::Quit => "quit".to_owned(),
    }
}

/// A light.
pub fn light(light: Light) -> &'static str {
    match light {
        Light::Off => "off",
        Light::Ready => "ready",
        Light::Working => "working",
        Light::Attention => "attention",
        Light::Fault => "fault",
    }
}

/// What the session asks for.
pub fn effect(effect: &Effect) -> String {
    match effect {
        Effect::SelfTest { .. } => "self-test".to_owned(),
        Effect::Watch(on) => if *on { "watch" } else { "look away" }.to_owned(),
        Effect::Keep(_) => "keep a face".to_owned(),
        Effect::Judge { frames, .. } => format!("judge the best {}", frames.len()),
        Effect::Wipe => "wipe".to_owned(),
        Effect::SaveLanguage(code) => format!("save language {code}"),
        Effect::Install { .. } => "install".to_owned(),
        Effect::SaveRegister { .. } => "save the register".to_owned(),
        Effect::StopStick => "let go of the stick".to_owned(),
        Effect::Restart => "start again".to_owned(),
        Effect::PowerOff => "power off".to_owned(),
    }
}
