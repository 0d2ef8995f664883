//! The rows of the table about sticks: what is told when, what is asked for, and what a late answer does.

use std::time::Duration;

use super::stage::{IDLE, Stage, all_but, bundle, offer, passed, refused};
use super::table::{is_aim, is_consent, is_start};
use crate::parts::{Button, Light, Press};
use crate::screen::{Action, Fault, MenuItem, Screen, StickScreen};
use crate::self_test::{Outcome, Part};
use crate::session::{Effect, Event, STICK_LIMIT};
use crate::sticks::{Kind, News, Reason, Step};

fn with_update() -> News {
    News { plugged: true, update: Some(Ok(offer())) }
}

fn stick(stage: &Stage) -> StickScreen {
    match stage.screen() {
        Screen::Stick(stick) => stick,
        other => panic!("not about a stick: {other:?}"),
    }
}

fn asked(stage: &Stage) -> bool {
    matches!(stage.screen(), Screen::Stick(StickScreen::Found { .. }))
}

/// Copying, and the generation that was asked for.
fn installing() -> (Stage, u64) {
    let mut stage = Stage::ready();
    stage.tell(Event::Stick(with_update()));
    stage.touch(Action::Choose(0));
    assert_eq!(stick(&stage), StickScreen::Installing(Step::Copying(0)));
    let generation = stage.stick_job.unwrap();
    (stage, generation)
}

#[test]
fn an_update_is_installed_by_choice_and_never_by_the_first_press() {
    let mut stage = Stage::ready();
    stage.tell(Event::Stick(with_update()));
    assert_eq!(stick(&stage), StickScreen::Found { offer: offer(), selected: false });
    assert_eq!(stage.session.light(), Light::Attention);
    stage.capture();
    assert!(is_start(&stage) && stage.stick_job.is_none(), "no is marked first");
    stage.wait(60_000);
    assert!(is_start(&stage), "whoever said no is not asked again");
    // Pulled and plugged in again, it is asked anew.
    stage.tell(Event::Stick(News::default()));
    stage.tell(Event::Stick(with_update()));
    stage.menu();
    stage.capture();
    assert_eq!(stick(&stage), StickScreen::Installing(Step::Copying(0)));
    assert_eq!(stage.session.light(), Light::Working);
    let generation = stage.stick_job.unwrap();
    stage.tell(Event::InstallStep { generation, step: Step::Copying(50) });
    stage.tell(Event::InstallStep { generation, step: Step::Testing });
    assert_eq!(stick(&stage), StickScreen::Installing(Step::Testing));
    stage.tell(Event::Installed { generation, outcome: Ok(Kind::Bundle) });
    assert_eq!(stick(&stage), StickScreen::Installed(Kind::Bundle));
    stage.capture();
    assert_eq!((stage.restarts, is_start(&stage)), (1, true));
}

#[test]
fn nobody_is_disturbed_in_the_middle_of_a_patient() {
    for make in [Stage::aiming as fn() -> Stage, Stage::working, Stage::judged] {
        let mut stage = make();
        let before = stage.screen();
        stage.tell(Event::Stick(with_update()));
        assert_eq!(stage.screen().id(), before.id());
        stage.press(Button::Back, Press::Long);
        assert!(asked(&stage), "now there is nobody");
        assert!(!stage.session.knows_a_patient());
    }
    // Nor is who is being asked for consent, or in the menu.
    let mut stage = Stage::ready();
    stage.capture();
    stage.tell(Event::Stick(with_update()));
    assert!(is_consent(&stage));
    stage.back();
    assert!(asked(&stage));
}

#[test]
fn a_device_that_cannot_work_can_be_mended_by_a_stick() {
    let mut stage = Stage::new(Some("en"));
    stage.test(all_but(Part::Bundle, Outcome::Failed("damaged".into())), Err("damaged".into()));
    assert!(matches!(stage.fault(), Some(Fault::BundleRefused(_))));
    stage.tell(Event::Stick(with_update()));
    assert!(asked(&stage));
    stage.back();
    assert_eq!(stage.screen(), Screen::Start { checks: Vec::new() }, "tested again");
    stage.test(passed(), bundle());
    assert!(is_start(&stage));
}

#[test]
fn the_first_start_asks_for_a_language_first() {
    let mut stage = Stage::new(None);
    stage.tell(Event::Stick(with_update()));
    stage.test(passed(), bundle());
    assert_eq!(stage.screen(), Screen::Language { selected: 0 });
    stage.capture();
    stage.back();
    assert!(asked(&stage));
}

#[test]
fn a_pulled_stick_takes_its_question_with_it() {
    let mut stage = Stage::ready();
    stage.tell(Event::Stick(with_update()));
    stage.tell(Event::Stick(News::default()));
    assert!(is_start(&stage));
    // And what nobody has seen yet.
    let mut stage = Stage::aiming();
    stage.tell(Event::Stick(with_update()));
    stage.tell(Event::Stick(News::default()));
    stage.press(Button::Back, Press::Long);
    assert!(is_start(&stage));
}

#[test]
fn what_is_refused_is_said_once_with_its_reason() {
    let mut stage = Stage::ready();
    stage.tell(Event::Stick(News { plugged: true, update: Some(Err(refused(Reason::Untrusted))) }));
    assert_eq!(stick(&stage), StickScreen::Refused(refused(Reason::Untrusted)));
    stage.back();
    assert!(is_start(&stage));
    let (mut stage, generation) = installing();
    stage.tell(Event::Installed { generation, outcome: Err(refused(Reason::Pulled)) });
    assert_eq!(stick(&stage), StickScreen::Refused(refused(Reason::Pulled)));
    stage.wait(IDLE.as_millis() as u64);
    assert!(is_start(&stage));
}

#[test]
fn back_gives_it_up_and_what_comes_too_late_is_told_later() {
    let (mut stage, generation) = installing();
    stage.back();
    assert!(is_start(&stage) && stage.stick_job.is_none(), "let go of");
    stage.tell(Event::Installed { generation, outcome: Err(refused(Reason::Device)) });
    assert!(is_start(&stage), "that it was stopped is no news");

    let (mut stage, generation) = installing();
    stage.back();
    stage.capture();
    stage.touch(Action::Choose(0));
    assert!(is_aim(&stage));
    stage.tell(Event::Installed { generation, outcome: Ok(Kind::Program) });
    assert!(is_aim(&stage), "not now");
    stage.press(Button::Back, Press::Long);
    assert_eq!(stick(&stage), StickScreen::Installed(Kind::Program));
    stage.wait(IDLE.as_millis() as u64);
    assert_eq!(stage.restarts, 1, "by itself");
}

#[test]
fn a_stick_that_hangs_is_given_up() {
    let (mut stage, generation) = installing();
    stage.wait(STICK_LIMIT.as_millis() as u64 - 1);
    stage.tell(Event::InstallStep { generation, step: Step::Copying(1) });
    stage.wait(STICK_LIMIT.as_millis() as u64 - 1);
    assert_eq!(stick(&stage), StickScreen::Installing(Step::Copying(1)));
    let effects = stage.wait(1);
    assert!(effects.contains(&Effect::StopStick), "{effects:?}");
    assert!(matches!(stage.fault(), Some(Fault::Internal(_))));
}

#[test]
fn the_register_is_saved_only_when_there_is_a_stick_and_nobody_is_there() {
    let items = |stage: &Stage| match stage.screen() {
        Screen::Menu { items, .. } => items,
        other => panic!("{other:?}"),
    };
    let mut stage = Stage::ready();
    stage.menu();
    assert!(!items(&stage).contains(&MenuItem::SaveRegister), "no stick");
    stage.back();
    stage.tell(Event::Stick(News { plugged: true, update: None }));
    stage.menu();
    let at = items(&stage).iter().position(|item| *item == MenuItem::SaveRegister).unwrap();
    stage.touch(Action::Choose(at));
    assert_eq!(stick(&stage), StickScreen::Saving);
    let generation = stage.stick_job.unwrap();
    stage.tell(Event::RegisterSaved { generation: generation + 1, outcome: Ok(1) });
    assert_eq!(stick(&stage), StickScreen::Saving, "of another question");
    stage.now += Duration::from_secs(3);
    stage.tell(Event::RegisterSaved { generation, outcome: Ok(7) });
    assert_eq!(stick(&stage), StickScreen::Saved { rows: 7 });
    stage.capture();
    assert!(is_start(&stage));

    let mut stage = Stage::aiming();
    stage.tell(Event::Stick(News { plugged: true, update: None }));
    stage.menu();
    assert!(!items(&stage).contains(&MenuItem::SaveRegister), "a patient is there");
}
