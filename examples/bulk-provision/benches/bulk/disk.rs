//! One fsync of the disk, as the store makes them: after writing two pages into a log that has its size already.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::time::Instant;

/// Two pages of a log, with their headers.
const RECORD: [u8; 2 * (4_096 + 24)] = [7; 2 * (4_096 + 24)];

const RECORDS: usize = 512;

/// Where files lie that are measured: beside the build, which is on a disk wherever `/tmp` may be.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// A file to write to and to wait for.
pub(crate) struct Disk {
    file: File,
    written: usize,
    _folder: tempfile::TempDir,
}

impl Disk {
    pub(crate) fn new() -> Self {
        let folder = folder();
        let mut file = File::create(folder.path().join("log")).unwrap();
        for _ in 0..RECORDS {
            file.write_all(&RECORD).unwrap();
        }
        file.sync_all().unwrap();
        Self {
            file,
            written: 0,
            _folder: folder,
        }
    }

    /// The seconds of each of so many fsyncs.
    pub(crate) fn fsyncs(&mut self, count: usize) -> Vec<f64> {
        (0..count)
            .map(|_| {
                let at = (self.written % RECORDS) * RECORD.len();
                self.written += 1;
                self.file.seek(SeekFrom::Start(at as u64)).unwrap();
                let begun = Instant::now();
                self.file.write_all(&RECORD).unwrap();
                self.file.sync_data().unwrap();
                begun.elapsed().as_secs_f64()
            })
            .collect()
    }
}
