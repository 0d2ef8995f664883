//! What Linux says about memory, temperature and disk.

use std::fs;
use std::path::Path;

use super::Outcome;

/// How much memory can be had without swapping, in bytes; `None` where the kernel does not say.
pub fn available_memory_bytes() -> Option<u64> {
    memory_from(&fs::read_to_string("/proc/meminfo").ok()?)
}

fn memory_from(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

pub(super) fn memory(least_mb: u64) -> Outcome {
    match available_memory_bytes() {
        None => Outcome::Skipped("the kernel does not say how much memory is free".to_owned()),
        Some(bytes) if bytes >> 20 < least_mb => {
            Outcome::Failed(format!("{} MB of memory are free, {least_mb} MB are needed", bytes >> 20))
        }
        Some(_) => Outcome::Passed,
    }
}

/// The hottest place that the kernel measures, in degrees Celsius.
pub(super) fn temperature(warm: u64) -> Outcome {
    let zones = fs::read_dir("/sys/class/thermal").into_iter().flatten().flatten();
    let read = |zone: fs::DirEntry| fs::read_to_string(zone.path().join("temp")).ok()?.trim().parse::<i64>().ok();
    match zones.filter_map(read).max() {
        None => Outcome::Skipped("no thermometer".to_owned()),
        Some(millidegrees) if millidegrees / 1000 >= warm as i64 => {
            Outcome::Warned(format!("the processor has {} degrees; above {warm} it slows down", millidegrees / 1000))
        }
        Some(_) => Outcome::Passed,
    }
}

pub(super) fn disk(folder: &Path, least_mb: u64) -> Outcome {
    // Before the first start the folder does not exist yet: what counts is the disk that it will be on.
    let existing = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    match rustix::fs::statvfs(existing) {
        Err(error) => Outcome::Failed(format!("{}: {error}", existing.display())),
        Ok(about) if about.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) => {
            Outcome::Warned(format!("{} is read-only: the language will not be remembered", existing.display()))
        }
        Ok(about) => {
            let free_mb = (about.f_bavail * about.f_frsize) >> 20;
            if free_mb < least_mb {
                Outcome::Warned(format!("{free_mb} MB are free in {}", existing.display()))
            } else {
                Outcome::Passed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_memory_is_what_the_kernel_calls_available() {
        let text = "MemTotal:        1000 kB\nMemFree:  10 kB\nMemAvailable:     512000 kB\n";
        assert_eq!(memory_from(text), Some(512_000 << 10));
        assert_eq!(memory_from("MemTotal: 1 kB\n"), None);
        assert_eq!(memory(u64::MAX).id(), "failed");
    }

    #[test]
    fn a_folder_that_does_not_exist_yet_is_on_some_disk() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(disk(&folder.path().join("not/yet"), 0), Outcome::Passed);
        assert_eq!(disk(folder.path(), u64::MAX).id(), "warned");
    }
}
