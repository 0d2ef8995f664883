//! The device program: a photograph or a camera's frame -> face -> finding -> screen, with no network at all.
//!
//! | module | job |
//! |---|---|
//! | [`screening`] | one photograph through every stage, timed |
//! | [`session`] | what the device does next; a pure state machine |
//! | [`device_loop`] | the loop around it: parts, threads, effects |
//! | [`simulate`], [`transcript`] | a whole session from a script; what happened, line by line |
//! | [`remembered`] | the language, from one start to the next |
//! | [`pictures`] | the pixels that the session's numbers stand for |
//! | [`screen`] | from what is to be shown to pixels; pure |
//! | [`text`] | every word, by language |
//! | [`band`] | a probability in words |
//! | [`signs`] | what doctors look for in each class |
//! | [`bundle_search`] | where the bundle is when none is named |
//! | [`bundles`] | bundles that are installed on the device: trust, slots, the switch and the way back |
//! | [`programs`] | programs that are installed on the device, and which of them runs |
//! | [`sticks`] | what lies on USB sticks for this device |
//! | [`parts`] | the seams to the device's parts |
//! | [`camera`], [`display`], [`input`], [`indicator`], [`board`] | the parts; each says so when it is not in this build |
//! | [`config`] | the device's configuration file |
//! | [`service`] | tells systemd that the device runs |
//! | [`register`] | the count of encounters, where the clinic wants one |
//! | [`clock`], [`stop`] | the system's time; the wish that the program ends |
//! | [`self_test`] | whether every part does its work |
//! | [`atomic_file`], [`png_file`] | files that are whole, or not there |
//! | [`cmd`] | one file a subcommand |
//! | [`report`] | errors as people read them |
//!
//! [`session`], [`screen`], [`text`] and [`band`] do no I/O and read neither clock nor environment.

pub mod atomic_file;
pub mod band;
pub mod board;
pub mod bundle_search;
pub mod bundles;
pub mod camera;
pub mod clock;
pub mod cmd;
pub mod config;
pub mod device_loop;
pub mod display;
pub mod indicator;
pub mod input;
pub mod missing_part;
pub mod parts;
pub mod pictures;
pub mod png_file;
pub mod programs;
pub mod register;
pub mod remembered;
pub mod report;
pub mod screen;
pub mod screening;
pub mod self_test;
pub mod service;
pub mod session;
pub mod signs;
pub mod simulate;
pub mod sticks;
pub mod stop;
pub mod text;
pub mod transcript;
