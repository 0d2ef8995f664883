//! The program as its users meet it: run as a process on real files, with a toy bundle whose answers are known.
//!
//! | module | job |
//! |---|---|
//! | `harness` | runs the program; a bundle whose network always answers the same |
//! | `findings` | the words, the exit status, several photographs at once |
//! | `json` | the fields that other programs rely on |
//! | `photographs` | files that are no good photographs |
//! | `bench` | the numbers that it prints, and what it says of each node |
//! | `bundles` | bundles that must be refused |
//! | `installing` | bundles that are signed or not, installed, left again, and damaged on the way |
//! | `programs` | updates of the program itself, in the same way |
//! | `sticks` | what a folder of USB sticks offers, and what becomes of it |
//! | `records` | the register of encounters |
//! | `usage` | help, versions, languages, parts that are not in this build |
//! | `sessions` | whole sessions from scripts; `UPDATE_GOLDEN=1` writes their transcripts anew |
//! | `screens` | golden pictures of the screens; `UPDATE_GOLDEN=1` draws them anew |

mod bench;
mod bundles;
mod device;
mod findings;
mod harness;
mod installing;
mod json;
mod photographs;
mod programs;
mod records;
mod screens;
mod sessions;
mod sticks;
mod usage;
