//! The register: how many encounters a day had and how they ended, for the clinic's report. Off unless configured.
//!
//! A row holds a sequence number, the boot, the time and whether anything vouches for it, the bundle, the kind of finding,
//! and whether the screen advised to refer. No picture, no name, no class, no free text. A row is on the disk when
//! [`Register::add`] returns: SQLite's write-ahead log with `synchronous = FULL`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use lakshan_core::Finding;
use rusqlite::{Connection, OptionalExtension};

use crate::clock::SystemClock;
use crate::config::Config;
use crate::device_loop::Record;
use crate::parts::Clock;
use crate::report;

/// The file's name in the device's state.
pub const FILE: &str = "register.sqlite";
/// Another number here is another format.
const VERSION: i64 = 1;
/// How long another process may hold the file.
const PATIENCE: Duration = Duration::from_secs(5);
/// Where the kernel says which boot this is.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

const SCHEMA: &str = "
    CREATE TABLE encounters (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        boot TEXT NOT NULL,
        unix_seconds INTEGER NOT NULL,
        time_verified INTEGER NOT NULL CHECK (time_verified IN (0, 1)),
        bundle TEXT NOT NULL,
        finding TEXT NOT NULL CHECK (finding IN ('retake', 'not_clear', 'no_match', 'resembles')),
        referral_advised INTEGER NOT NULL CHECK (referral_advised IN (0, 1))
    ) STRICT;
    PRAGMA user_version = 1;";

/// The open register.
#[derive(Debug)]
pub struct Register {
    database: Connection,
    path: PathBuf,
}

/// One encounter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encounter {
    /// The kernel's id of this boot: without a clock, what orders the days.
    pub boot: String,
    /// Seconds since 1970-01-01 00:00 UTC, by the device's clock.
    pub unix_seconds: u64,
    /// A clock chip or a time server has set that clock.
    pub time_verified: bool,
    /// Name and version of the bundle.
    pub bundle: String,
    /// [`Finding::kind`].
    pub finding: String,
    /// The result's screen said to refer.
    pub referral_advised: bool,
}

/// Why the register cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// There is none.
    #[error("there is no register: {} does not exist", .0.display())]
    Missing(PathBuf),
    /// SQLite says why.
    #[error("the register {} cannot be used", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The folder cannot be made.
    #[error("cannot write {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Made by another release.
    #[error("the register {} has format {found}, this program has {VERSION}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
    },
}

impl RegisterError {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing(_) => "nothing was counted yet; `register = true` in the configuration begins it",
            Self::Database { .. } | Self::Folder { .. } => {
                "check the data partition: full, read-only, or of another user?"
            }
            Self::Version { .. } => "export it with the program that made it",
        }
    }
}

impl Register {
    /// Opens the register in the folder `state`, and makes it if there is none.
    ///
    /// # Errors
    /// When the file cannot be opened or made, or is of another format.
    pub fn open(state: &Path) -> Result<Self, RegisterError> {
        fs::create_dir_all(state).map_err(|source| RegisterError::Folder { path: state.to_owned(), source })?;
        let path = state.join(FILE);
        let register = Self::connect(path, rusqlite::OpenFlags::default())?;
        register.checked(|database| {
            // What was erased is overwritten, and a row is on the disk before its insertion returns.
            database.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; BEGIN IMMEDIATE;",
            )?;
            if version(database)? == 0 {
                database.execute_batch(SCHEMA)?;
            }
            database.execute_batch("COMMIT;")
        })?;
        register.of_this_format()
    }

    /// Opens an existing register.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub fn open_existing(state: &Path) -> Result<Self, RegisterError> {
        let path = state.join(FILE);
        if !path.exists() {
            return Err(RegisterError::Missing(path));
        }
        Self::open(state)
    }

    fn connect(path: PathBuf, flags: rusqlite::OpenFlags) -> Result<Self, RegisterError> {
        let open = || {
            let database = Connection::open_with_flags(&path, flags)?;
            database.busy_timeout(PATIENCE)?;
            Ok(database)
        };
        match open() {
            Ok(database) => Ok(Self { database, path }),
            Err(source) => Err(RegisterError::Database { path, source }),
        }
    }

    fn of_this_format(self) -> Result<Self, RegisterError> {
        match self.checked(version)? {
            VERSION => Ok(self),
            found => Err(RegisterError::Version { path: self.path, found }),
        }
    }

    fn checked<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, RegisterError> {
        work(&self.database).map_err(|source| RegisterError::Database { path: self.path.clone(), source })
    }

    /// Adds a row and gives its sequence number. It is on the disk then.
    ///
    /// # Errors
    /// When it cannot be written; then there is no such row.
    pub fn add(&self, encounter: &Encounter) -> Result<i64, RegisterError> {
        self.checked(|database| {
            let mut insert = database.prepare(
                "INSERT INTO encounters (boot, unix_seconds, time_verified, bundle, finding, referral_advised)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            let seconds = i64::try_from(encounter.unix_seconds).unwrap_or(i64::MAX);
            insert.insert((
                &encounter.boot,
                seconds,
                encounter.time_verified,
                &encounter.bundle,
                &encounter.finding,
                encounter.referral_advised,
            ))
        })
    }

    /// Writes every row as CSV, the oldest first, and gives their number. Times are UTC, ISO 8601.
    ///
    /// # Errors
    /// When the register cannot be read, or `out` not be written.
    pub fn export(&self, out: &mut dyn Write) -> anyhow::Result<usize> {
        let mut select = self.database.prepare(
            "SELECT sequence, boot, strftime('%Y-%m-%dT%H:%M:%SZ', unix_seconds, 'unixepoch'), time_verified, bundle,
                    finding, referral_advised
             FROM encounters ORDER BY sequence",
        )?;
        let mut rows = select.query([])?;
        out.write_all(b"sequence,boot,time,time_verified,bundle,finding,referral_advised\n")?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let (sequence, boot, time): (i64, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (verified, bundle, finding, advised): (bool, String, String, bool) =
                (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?);
            let yes = |value| if value { "yes" } else { "no" };
            writeln!(
                out,
                "{sequence},{},{},{},{},{},{}",
                quoted(&boot),
                time.unwrap_or_default(),
                yes(verified),
                quoted(&bundle),
                quoted(&finding),
                yes(advised)
            )?;
            count += 1;
        }
        Ok(count)
    }

    /// The name of its file on a stick. The boot of its first row tells the registers of several devices apart.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn file_name(&self) -> Result<String, RegisterError> {
        let first = "SELECT boot FROM encounters ORDER BY sequence LIMIT 1";
        let boot: Option<String> =
            self.checked(|database| database.query_row(first, [], |row| row.get(0)).optional())?;
        let plain = boot.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).take(8).collect::<String>();
        Ok(format!("lakshan-register-{plain:0>8}.csv"))
    }

    /// Erases every row and overwrites where they were; sequence numbers go on. Gives how many there were.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn erase(&self) -> Result<usize, RegisterError> {
        self.checked(|database| {
            let count = database.execute("DELETE FROM encounters", [])?;
            // The log still holds the rows as they were written.
            database.execute_batch("VACUUM;")?;
            database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            Ok(count)
        })
    }

    /// Whether SQLite finds the whole file sound; its words if not.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn integrity(&self) -> Result<Result<(), String>, RegisterError> {
        let words: String =
            self.checked(|database| database.query_row("PRAGMA integrity_check", [], |row| row.get(0)))?;
        Ok(if words == "ok" { Ok(()) } else { Err(words) })
    }
}

/// Writes every row to the file `path`, whole or not at all, and gives their number.
///
/// # Errors
/// When the register cannot be read or the file not be written.
pub fn export(register: &Register, path: &Path) -> anyhow::Result<usize> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new().prefix(".lakshan-").tempfile_in(folder)?;
    let mut out = io::BufWriter::new(file.as_file_mut());
    let count = register.export(&mut out)?;
    out.flush()?;
    drop(out);
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs::File::open(folder)?.sync_all()?;
    Ok(count)
}

/// The format; 0 for a file that was just made.
fn version(database: &Connection) -> rusqlite::Result<i64> {
    database.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// A field of CSV.
fn quoted(text: &str) -> String {
    // A spreadsheet takes what begins so for a formula.
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    if guard.is_empty() && !text.contains([',', '"', '\n', '\r']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// What the loop calls for each encounter: it counts them if the configuration says so. A register that cannot be written
/// does not keep a patient from being seen: it is told to whoever reads the journal, and tried again with the next.
pub fn recorder(config: &Config, clock: SystemClock) -> Record {
    if !config.register {
        return Box::new(|_, _| {});
    }
    let state = config.state.clone();
    let boot = fs::read_to_string(BOOT_ID).map_or_else(|_| "unknown".to_owned(), |id| id.trim().to_owned());
    let mut open = None;
    Box::new(move |finding, bundle| {
        let wall = clock.wall();
        let encounter = Encounter {
            boot: boot.clone(),
            unix_seconds: wall.unix_seconds,
            time_verified: wall.verified,
            bundle: format!("{} {}", bundle.name, bundle.version),
            finding: finding.kind().to_owned(),
            referral_advised: matches!(finding, Finding::Resembles(_)),
        };
        let register = match open.take() {
            Some(register) => Ok(register),
            None => Register::open(&state),
        };
        match register.and_then(|register| register.add(&encounter).map(|_| register)) {
            Ok(register) => open = Some(register),
            Err(error) => eprintln!("register: {}; an encounter was not counted", report::in_one_line(&error)),
        }
    })
}

#[cfg(test)]
mod tests;
