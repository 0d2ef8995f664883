//! Every word that a user reads, by language: Fluent resources, embedded and checked when loaded.
//!
//! A language is a folder `locales/<code>/` and a line in `LOCALES`. Loading refuses a language in which one
//! message of [`Message::ALL`], or a class or a reason, is missing, so that looking one up cannot fail.

mod message;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use lakshan_core::{Finding, RetakeReason, Syndrome};
use unic_langid::LanguageIdentifier;

use crate::screen::{Fault, Guidance, MenuItem};
use crate::self_test::Part;
use crate::signs;
use crate::sticks::Reason;
pub use message::Message;

/// One language's resources.
macro_rules! locale {
    ($code:literal, $name:literal) => {
        (
            $code,
            $name,
            &[
                include_str!(concat!("../locales/", $code, "/classes.ftl")),
                include_str!(concat!("../locales/", $code, "/findings.ftl")),
                include_str!(concat!("../locales/", $code, "/screens.ftl")),
                include_str!(concat!("../locales/", $code, "/signs.ftl")),
                include_str!(concat!("../locales/", $code, "/command.ftl")),
            ],
        )
    };
}

/// The embedded languages: code, name in the language itself, resources. English first, then as the language screen has
/// them. All but English need review by a native speaker.
const LOCALES: &[(&str, &str, &[&str])] = &[
    locale!("en", "English"),
    locale!("hi", "हिन्दी"),
    locale!("bn", "বাংলা"),
    locale!("te", "తెలుగు"),
    locale!("mr", "मराठी"),
    locale!("ta", "தமிழ்"),
    locale!("ur", "اردو"),
    locale!("gu", "ગુજરાતી"),
    locale!("kn", "ಕನ್ನಡ"),
];

/// Why the words of a language cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// No such language is embedded.
    #[error("there is no language '{0}'")]
    UnknownLanguage(String),
    /// A resource is not valid Fluent.
    #[error("language '{language}': {fault}")]
    Syntax {
        /// The language's code.
        language: String,
        /// What the parser says.
        fault: String,
    },
    /// A message is not translated.
    #[error("language '{language}' has no message '{id}'")]
    Missing {
        /// The language's code.
        language: String,
        /// The message's id.
        id: String,
    },
}

impl TextError {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> String {
        let known: Vec<String> = languages().map(|(code, name)| format!("{code} ({name})")).collect();
        format!("languages in this build: {}", known.join(", "))
    }
}

/// The embedded languages: code, and name in the language itself.
pub fn languages() -> impl Iterator<Item = (&'static str, &'static str)> {
    LOCALES.iter().map(|(code, name, _)| (*code, *name))
}

/// The words of one language.
pub struct Texts {
    language: &'static str,
    messages: FluentBundle<FluentResource>,
}

impl Texts {
    /// The words of `language`, a code such as `en`.
    ///
    /// # Errors
    /// When the language is not embedded, or lacks a message.
    pub fn load(language: &str) -> Result<Self, TextError> {
        let unknown = || TextError::UnknownLanguage(language.to_owned());
        let (code, _, resources) = LOCALES.iter().find(|(code, ..)| *code == language).ok_or_else(unknown)?;
        Self::from_resources(code, resources)
    }

    fn from_resources(language: &'static str, resources: &[&str]) -> Result<Self, TextError> {
        let syntax = |fault: String| TextError::Syntax { language: language.to_owned(), fault };
        let id: LanguageIdentifier = language.parse().map_err(|_| syntax("the code is no language tag".to_owned()))?;
        let mut messages = FluentBundle::new(vec![id]);
        // Isolation marks would show as boxes in a terminal; the screens lay out right-to-left text by themselves.
        messages.set_use_isolating(false);
        for resource in resources {
            let resource = FluentResource::try_new((*resource).to_owned())
                .map_err(|(_, errors)| syntax(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
            messages.add_resource(resource).map_err(|errors| syntax(format!("{errors:?}")))?;
        }
        let texts = Self { language, messages };
        match required_ids().find(|id| !texts.has(id)) {
            Some(id) => Err(TextError::Missing { language: language.to_owned(), id }),
            None => Ok(texts),
        }
    }

    /// The language's code.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// Whether the language is written from the right.
    pub fn is_right_to_left(&self) -> bool {
        self.language == "ur"
    }

    /// A message without arguments.
    pub fn get(&self, message: Message) -> String {
        self.format(message.id(), &[])
    }

    /// A message with its arguments.
    pub fn with(&self, message: Message, arguments: &[(&'static str, &str)]) -> String {
        self.format(message.id(), arguments)
    }

    /// A class's name.
    pub fn class_name(&self, class: Syndrome) -> String {
        self.format(&format!("class-{}", class.id()), &[])
    }

    /// Why a photograph must be taken again, in a few words.
    pub fn reason(&self, reason: RetakeReason) -> String {
        self.format(&format!("reason-{}", reason.id()), &[])
    }

    /// What mends it, in one sentence.
    pub fn remedy(&self, reason: RetakeReason) -> String {
        self.format(&format!("remedy-{}", reason.id()), &[])
    }

    /// The one instruction of the aim screen.
    pub fn guidance(&self, guidance: Guidance) -> String {
        self.format(&format!("guidance-{}", guidance.id()), &[])
    }

    /// An entry of the menu.
    pub fn menu_item(&self, item: MenuItem) -> String {
        self.format(&format!("menu-{}", item.id()), &[])
    }

    /// What is wrong.
    pub fn fault(&self, fault: &Fault) -> String {
        self.format(&format!("fault-{}", fault.id()), &[])
    }

    /// What to do about it.
    pub fn fault_remedy(&self, fault: &Fault) -> String {
        self.format(&format!("fault-{}-do", fault.id()), &[])
    }

    /// Why something on a stick is not taken, or not written to it.
    pub fn refusal(&self, reason: Reason) -> String {
        self.format(&format!("refused-{}", reason.id()), &[])
    }

    /// A part of the device.
    pub fn part(&self, part: Part) -> String {
        self.format(&format!("part-{}", part.id()), &[])
    }

    /// The plain name of a sign, one of [`signs::NAMED`].
    pub fn sign(&self, hpo: &str) -> String {
        self.format(&format!("sign-{hpo}"), &[])
    }

    /// A finding in one line.
    pub fn finding(&self, finding: &Finding) -> String {
        match finding {
            Finding::Retake(reason) => self.with(Message::FindingRetake, &[("reason", &self.reason(*reason))]),
            Finding::NotClear => self.get(Message::FindingNotClear),
            Finding::NoMatch => self.get(Message::FindingNoMatch),
            Finding::Resembles(classes) => {
                let names: Vec<String> = classes.iter().map(|found| self.class_name(found.class)).collect();
                match names.as_slice() {
                    [] => self.get(Message::FindingNotClear),
                    [first] => self.with(Message::FindingResembles1, &[("first", first)]),
                    [first, second] => self.with(Message::FindingResembles2, &[("first", first), ("second", second)]),
                    [first, second, third, ..] => {
                        self.with(Message::FindingResembles3, &[("first", first), ("second", second), ("third", third)])
                    }
                }
            }
        }
    }

    /// What to do after a finding, in one or two sentences.
    pub fn next_step(&self, finding: &Finding) -> String {
        match finding {
            Finding::Retake(reason) => self.remedy(*reason),
            Finding::NotClear => self.get(Message::NextNotClear),
            Finding::NoMatch => self.get(Message::NextNoMatch),
            Finding::Resembles(_) => self.get(Message::NextResembles),
        }
    }

    fn has(&self, id: &str) -> bool {
        self.messages.get_message(id).is_some_and(|message| message.value().is_some())
    }

    fn format(&self, id: &str, arguments: &[(&'static str, &str)]) -> String {
        let mut values = FluentArgs::new();
        for (name, value) in arguments {
            values.set(*name, FluentValue::from(*value));
        }
        let message = self.messages.get_message(id).and_then(|message| message.value());
        let pattern = message.expect("checked when the language was loaded");
        let mut errors = Vec::new();
        let words = self.messages.format_pattern(pattern, Some(&values), &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "{id}: {errors:?}");
        words
    }
}

/// The id of every message that a language must have.
fn required_ids() -> impl Iterator<Item = String> {
    let messages = Message::ALL.iter().map(|message| message.id().to_owned());
    let classes = Syndrome::ALL.into_iter().map(|class| format!("class-{}", class.id()));
    let reasons = RetakeReason::ALL.into_iter().map(|reason| format!("reason-{}", reason.id()));
    let remedies = RetakeReason::ALL.into_iter().map(|reason| format!("remedy-{}", reason.id()));
    let guidance = Guidance::ALL.into_iter().map(|guidance| format!("guidance-{}", guidance.id()));
    let items = MenuItem::ALL.into_iter().map(|item| format!("menu-{}", item.id()));
    let faults = Fault::IDS.into_iter().flat_map(|id| [format!("fault-{id}"), format!("fault-{id}-do")]);
    let refusals = Reason::ALL.into_iter().map(|reason| format!("refused-{}", reason.id()));
    let parts = Part::ALL.into_iter().map(|part| format!("part-{}", part.id()));
    let named = signs::NAMED.into_iter().map(|hpo| format!("sign-{hpo}"));
    let device = guidance.chain(items).chain(faults).chain(refusals).chain(parts).chain(named);
    messages.chain(classes).chain(reasons).chain(remedies).chain(device)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use lakshan_core::Resemblance;

    use super::*;

    #[test]
    fn every_language_is_whole_and_holds_nothing_unused() {
        let required: BTreeSet<String> = required_ids().collect();
        for (code, _, resources) in LOCALES {
            Texts::load(code).unwrap();
            for line in resources.iter().flat_map(|resource| resource.lines()) {
                if let Some((id, _)) = line.split_once(" = ")
                    && !line.starts_with([' ', '#'])
                {
                    assert!(required.contains(id), "{code}: '{id}' is used nowhere");
                }
            }
        }
    }

    #[test]
    fn a_missing_message_is_named() {
        let Err(error) = Texts::from_resources("en", &["class-22q11ds = x"]) else { panic!("must be refused") };
        assert!(matches!(error, TextError::Missing { .. }), "{error}");
    }

    #[test]
    fn an_unknown_language_lists_what_is_there() {
        let Err(error) = Texts::load("tlh") else { panic!("must be refused") };
        assert_eq!(error.to_string(), "there is no language 'tlh'");
        assert!(error.hint().starts_with("languages in this build: en (English), hi (हिन्दी), "), "{}", error.hint());
    }

    /// The names between `{ $` and ` }` of each message.
    fn placeholders(resources: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
        let lines = resources.iter().flat_map(|resource| resource.lines()).filter_map(|line| line.split_once(" = "));
        let names = |words: &str| {
            let parts = words.split("{ $").skip(1);
            parts.map(|part| part.split_once(" }").expect("closed").0.to_owned()).collect()
        };
        lines.map(|(id, words)| (id.to_owned(), names(words))).collect()
    }

    #[test]
    fn every_language_has_the_same_placeholders() {
        let english = placeholders(LOCALES[0].2);
        assert_eq!(english["finding-resembles-2"].len(), 2);
        for (code, _, resources) in LOCALES {
            for (id, names) in placeholders(resources) {
                assert_eq!(names, english[&id], "{code}: {id}");
            }
        }
    }

    /// A message that was copied and forgotten reads as English.
    #[test]
    fn every_language_is_written_in_its_script() {
        for (code, _, resources) in LOCALES.iter().filter(|(code, ..)| *code != "en") {
            for line in resources.iter().flat_map(|resource| resource.lines()) {
                let Some((id, words)) = line.split_once(" = ") else { continue };
                let plain: String =
                    words.split("{ $").map(|part| part.split_once(" }").map_or(part, |(_, rest)| rest)).collect();
                let is_name = id.starts_with("class-") || id == "screen-bundle";
                let letters = plain.chars().filter(|c| c.is_alphabetic());
                let foreign = letters.filter(char::is_ascii_alphabetic).count();
                assert!(is_name || foreign == 0 || plain.contains('('), "{code}: {id}: {plain}");
            }
        }
    }

    #[test]
    fn findings_read_as_sentences() {
        let texts = Texts::load("en").unwrap();
        let classes = [Syndrome::Down, Syndrome::Williams, Syndrome::Sotos];
        let found = |n: usize| {
            let classes = classes[..n].iter().map(|class| Resemblance { class: *class, probability: 0.3 });
            texts.finding(&Finding::Resembles(classes.collect()))
        };
        assert_eq!(found(1), "Looks similar to Down syndrome");
        assert_eq!(found(2), "Looks similar to Down syndrome or Williams syndrome");
        assert_eq!(found(3), "Looks similar to Down syndrome, Williams syndrome or Sotos syndrome");
        let retake = texts.finding(&Finding::Retake(RetakeReason::TooDark));
        assert_eq!(retake, "Please take the photo again: too dark");
    }

    #[test]
    fn no_message_calls_anybody_healthy() {
        for (_, _, resources) in LOCALES {
            for resource in *resources {
                let lower = resource.to_lowercase();
                assert!(!lower.contains("healthy") && !lower.contains("normal"));
            }
        }
    }

    #[test]
    fn the_notice_is_the_one_of_the_manifest() {
        let notice = Texts::load("en").unwrap().get(Message::NoticeSynthetic);
        assert_eq!(notice.to_lowercase(), lakshan_core::manifest::SYNTHETIC_NOTICE.to_lowercase());
    }
}
