//! Every word that a user reads, by language: Fluent resources, embedded and checked when loaded.
//!
//! A language is a folder `locales/<code>/` and a line in `LOCALES`. Loading refuses a language in which one
//! message of [`Message::ALL`], or a class or a reason, is missing, so that looking one up cannot fail.

mod message;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use lakshan_core::{Finding, RetakeReason, Syndrome};
use unic_langid::LanguageIdentifier;

pub use message::Message;

/// The embedded languages: code, name in the language itself, resources.
const LOCALES: &[(&str, &str, &[&str])] = &[(
    "en",
    "English",
    &[
        include_str!("../locales/en/classes.ftl"),
        include_str!("../locales/en/findings.ftl"),
        include_str!("../locales/en/screens.ftl"),
        include_str!("../locales/en/command.ftl"),
    ],
)];

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
    messages.chain(classes).chain(reasons).chain(remedies)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
        assert_eq!(error.hint(), "languages in this build: en (English)");
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
