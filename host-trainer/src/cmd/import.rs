//! `host-trainer import`: photographs of real people into a data set.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use lakshan_core::manifest::DataKind;

use crate::dataset::splits::Shares;
use crate::import::folder::Unknown;
use crate::import::{Finds, Options, folder, gmdb, import};

/// Make a data set of photographs that are there already.
///
/// Photographs stay where they are unless --copy is given. Names, e-mail addresses and authors never enter. Run it
/// again when the source has changed; what is done already is not done twice.
#[derive(Debug, Args)]
pub struct Cmd {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    /// A folder for each class, with or without train, validation and test above.
    ///
    /// Folders are matched by id (down), name (Down syndrome) and common synonyms (trisomy 21); healthy, control and the
    /// like are people without a known condition. There are no patient ids: photographs that are the same picture are
    /// kept together, and the data set says so.
    Folder {
        /// The folder.
        source: PathBuf,
        /// What to do with folders whose names are no classes.
        #[arg(long, value_enum, default_value_t)]
        unknown: Unknown,
        #[command(flatten)]
        target: Target,
    },
    /// A release of GestaltMatcherDB: gmdb_images and gmdb_metadata.
    ///
    /// Grouped by patient; OMIM numbers of the twelve become classes, all others negatives; photographs without consent
    /// or marked private are left out.
    Gmdb {
        /// The folder that holds gmdb_images and gmdb_metadata.
        source: PathBuf,
        /// Also photographs that were not taken from the front.
        #[arg(long)]
        all_views: bool,
        #[command(flatten)]
        target: Target,
    },
}

#[derive(Debug, Args)]
struct Target {
    /// The data set's folder.
    #[arg(long, value_name = "DATASET")]
    out: PathBuf,
    /// Copy the photographs into the data set.
    #[arg(long)]
    copy: bool,
    /// The photographs show people who do not exist; every figure then says so.
    #[arg(long)]
    synthetic: bool,
    /// One line that stands beside every figure: where the photographs come from, with whose consent.
    #[arg(long, value_name = "TEXT")]
    statement: Option<String>,
    /// Shares of training, calibration and test [default: the source's own splits, else 0.7,0.12,0.18].
    #[arg(long, value_name = "SHARES")]
    split: Option<Shares>,
    /// Seed of the split.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

impl Target {
    fn run(self, finds: Finds) -> anyhow::Result<()> {
        let options = Options {
            out: self.out,
            copy: self.copy,
            kind: if self.synthetic { DataKind::Synthetic } else { DataKind::Patient },
            statement: self.statement,
            shares: self.split,
            seed: self.seed,
        };
        let summary = import(finds, &options)?;
        eprint!("{summary}");
        println!("{}", options.out.display());
        Ok(())
    }
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When the source cannot be read or the data set cannot be written.
    pub fn run(self) -> anyhow::Result<()> {
        let (finds, target) = match self.source {
            Source::Folder { source, unknown, target } => (folder::find(&source, unknown), target),
            Source::Gmdb { source, all_views, target } => (gmdb::find(&source, all_views), target),
        };
        target.run(finds?)
    }
}
