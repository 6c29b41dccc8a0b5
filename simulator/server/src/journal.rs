//! The file that keeps an environment: groups of records, each group whole or not there.
//!
//! After a line that names the format, the file is a sequence of frames: length of the content, its complement, a digest
//! over the digest of the frame before and the content, the content. A frame is written at once and reaches the disk
//! before anything in it is answered. Only the last one can be torn by a crash, and nobody was told of what is in it: it
//! is dropped. Anything else that does not add up is damage, and an error.

use sha2::{Digest, Sha256};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// First bytes of the file; the digit is the version of the format.
const MAGIC: &[u8; 16] = b"dwsim journal 1\n";
/// Bytes before a frame's content.
const FRAME: usize = 24;
/// Largest content; a group is written before it grows to this.
const LARGEST: u32 = 512 << 20;

type Chain = [u8; 16];

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    #[error("{}: {reason}", path.display())]
    Io { path: PathBuf, reason: io::Error },
    #[error("{} is in use by another process; stop it, or choose another --data directory", .0.display())]
    InUse(PathBuf),
    #[error("{} is no journal of this format; choose another --data directory", .0.display())]
    Foreign(PathBuf),
    #[error("{} is damaged at byte {at}: {why}; restore the file from a copy, or move it away to start anew", path.display())]
    Damaged { path: PathBuf, at: u64, why: &'static str },
}

/// A place between two frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    length: u64,
    chain: Chain,
}

impl Mark {
    const START: Self = Self { length: MAGIC.len() as u64, chain: [0; 16] };

    /// Whether it is no later than another.
    pub(crate) fn is_within(self, other: Self) -> bool {
        self.length <= other.length
    }
}

/// The open file, locked against other processes.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    end: Mark,
}

fn digest(chain: Chain, content: &[u8]) -> Chain {
    let digest = Sha256::new().chain_update(chain).chain_update(content).finalize();
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    short
}

impl Journal {
    /// Opens the journal of a directory, or begins one. Its frames have to be read with [`Journal::read`] before more
    /// are written.
    pub(crate) fn open(directory: &Path) -> Result<Self, JournalError> {
        let path = directory.join("journal");
        let failed = |reason| JournalError::Io { path: path.clone(), reason };
        fs::create_dir_all(directory).map_err(failed)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        // Rows are nobody else's business.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::InUse(path)),
            Err(TryLockError::Error(reason)) => return Err(failed(reason)),
        }
        let mut start = Vec::new();
        (&mut file).take(MAGIC.len() as u64).read_to_end(&mut start).map_err(failed)?;
        if start.as_slice() != MAGIC {
            // A crash at the very beginning leaves a part of the first line.
            if !MAGIC.starts_with(&start) {
                return Err(JournalError::Foreign(path));
            }
            file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
            file.write_all(MAGIC).and_then(|()| file.sync_all()).map_err(failed)?;
            #[cfg(unix)]
            File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)?;
        }
        Ok(Self { path, file, end: Mark::START })
    }

    /// Reads every frame up to a mark, or all of them; then what a crash tore off is gone and the journal goes on after
    /// the last frame. Bytes dropped are returned.
    pub(crate) fn read<E: From<JournalError>>(
        &mut self,
        until: Option<Mark>,
        mut visit: impl FnMut(&[u8], Mark) -> Result<(), E>,
    ) -> Result<u64, E> {
        let path = self.path.clone();
        let failed = |reason| E::from(JournalError::Io { path: path.clone(), reason });
        let total = self.file.metadata().map_err(failed)?.len();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(Mark::START.length)).map_err(failed)?;
        let mut reader = BufReader::with_capacity(1 << 20, file);
        let mut at = Mark::START;
        let mut content = Vec::new();
        while at.length < total && until.is_none_or(|until| at.length < until.length) {
            match frame(&mut reader, at, total, &mut content).map_err(failed)? {
                Frame::Whole(next) => {
                    visit(&content, next)?;
                    at = next;
                }
                Frame::Torn => break,
                Frame::Bad(why) => {
                    // Space that was reserved and never written.
                    if zeros_from(&self.file, at.length).map_err(failed)? {
                        break;
                    }
                    return Err(JournalError::Damaged { path, at: at.length, why }.into());
                }
            }
        }
        if until.is_some() {
            file.seek(SeekFrom::Start(self.end.length)).map_err(failed)?;
            return Ok(0);
        }
        self.cut(at).map_err(failed)?;
        Ok(total.saturating_sub(at.length))
    }

    /// Writes one frame; when this returns it is on the disk.
    pub(crate) fn write(&mut self, content: &[u8]) -> io::Result<()> {
        let length = u32::try_from(content.len()).ok().filter(|length| *length <= LARGEST);
        let length = length.ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        let chain = digest(self.end.chain, content);
        let mut bytes = Vec::with_capacity(content.len() + FRAME);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&(!length).to_le_bytes());
        bytes.extend_from_slice(&chain);
        bytes.extend_from_slice(content);
        self.file.write_all(&bytes)?;
        self.file.sync_data()?;
        self.end = Mark { length: self.end.length + bytes.len() as u64, chain };
        Ok(())
    }

    /// The place after the last frame.
    pub(crate) fn end(&self) -> Mark {
        self.end
    }

    /// Forgets every frame after a mark.
    pub(crate) fn cut(&mut self, mark: Mark) -> io::Result<()> {
        self.file.set_len(mark.length)?;
        self.file.seek(SeekFrom::Start(mark.length))?;
        self.file.sync_all()?;
        self.end = mark;
        Ok(())
    }
}

enum Frame {
    Whole(Mark),
    Torn,
    Bad(&'static str),
}

/// Reads the frame at a mark.
fn frame(reader: &mut impl Read, at: Mark, total: u64, content: &mut Vec<u8>) -> io::Result<Frame> {
    let mut head = [0; FRAME];
    let frame = FRAME as u64;
    if total - at.length < frame {
        return Ok(Frame::Torn);
    }
    reader.read_exact(&mut head)?;
    let number =
        |from: usize| u32::from_le_bytes([head[from], head[from + 1], head[from + 2], head[from + 3]]);
    let length = number(0);
    if number(4) != !length || length > LARGEST {
        return Ok(Frame::Bad("the length of a record is not one"));
    }
    let next = at.length + frame + u64::from(length);
    if next > total {
        return Ok(Frame::Torn);
    }
    content.resize(length as usize, 0);
    reader.read_exact(content)?;
    let chain = digest(at.chain, content);
    if chain != head[8..FRAME] {
        return Ok(if next == total {
            Frame::Torn
        } else {
            Frame::Bad("a record does not have its checksum")
        });
    }
    Ok(Frame::Whole(Mark { length: next, chain }))
}

fn zeros_from(file: &File, at: u64) -> io::Result<bool> {
    let mut file = file;
    file.seek(SeekFrom::Start(at))?;
    let mut chunk = [0; 4_096];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(true),
            read if chunk[..read].iter().all(|byte| *byte == 0) => {}
            _ => return Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("dwsim-journal-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    fn all(directory: &Path) -> Result<(Vec<Vec<u8>>, u64), JournalError> {
        let mut frames = Vec::new();
        let dropped = Journal::open(directory)?.read::<JournalError>(None, |content, _| {
            frames.push(content.to_vec());
            Ok(())
        })?;
        Ok((frames, dropped))
    }

    fn three(name: &str) -> (PathBuf, Vec<u64>) {
        let directory = directory(name);
        let mut journal = Journal::open(&directory).unwrap();
        let mut ends = Vec::new();
        for content in [b"one".as_slice(), b"two", b"three"] {
            journal.write(content).unwrap();
            ends.push(journal.end().length);
        }
        (directory, ends)
    }

    #[test]
    fn wherever_a_crash_tears_the_file_whole_frames_are_kept_and_the_rest_is_dropped() {
        let (directory, ends) = three("torn");
        let file = directory.join("journal");
        let whole = fs::read(&file).unwrap();
        for cut in 0..=whole.len() {
            fs::write(&file, &whole[..cut]).unwrap();
            let (frames, dropped) = all(&directory).unwrap();
            let kept = ends.iter().filter(|end| **end <= cut as u64).count();
            assert_eq!(frames.len(), kept, "cut at {cut}");
            let end = if kept == 0 { 16 } else { ends[kept - 1] };
            assert_eq!(dropped, (cut as u64).saturating_sub(end));
            // What was torn off is gone, and the journal goes on.
            let mut journal = Journal::open(&directory).unwrap();
            journal.read::<JournalError>(None, |_, _| Ok(())).unwrap();
            journal.write(b"more").unwrap();
            drop(journal);
            assert_eq!(all(&directory).unwrap().0.len(), kept + 1);
        }
        fs::write(&file, [whole.as_slice(), &[0; 10_000]].concat()).unwrap();
        assert_eq!(all(&directory).unwrap().0.len(), 3, "space that was never written");
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn damage_before_the_last_frame_is_an_error_and_nothing_is_lost_silently() {
        let (directory, ends) = three("damaged");
        let file = directory.join("journal");
        let whole = fs::read(&file).unwrap();
        for at in 16..usize::try_from(ends[1]).unwrap() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x40;
            fs::write(&file, &bytes).unwrap();
            assert!(matches!(all(&directory), Err(JournalError::Damaged { .. })), "byte {at}");
            assert_eq!(fs::read(&file).unwrap(), bytes, "a damaged file is left as it is");
        }
        // A frame taken out of the middle breaks the chain.
        let (first, second) = (usize::try_from(ends[0]).unwrap(), usize::try_from(ends[1]).unwrap());
        fs::write(&file, [&whole[..first], &whole[second..], &whole[second..]].concat()).unwrap();
        assert!(matches!(all(&directory), Err(JournalError::Damaged { .. })));
        fs::write(&file, b"something else entirely").unwrap();
        assert!(matches!(all(&directory), Err(JournalError::Foreign(_))));
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_directory_has_one_process_at_a_time() {
        let directory = directory("locked");
        let first = Journal::open(&directory).unwrap();
        assert!(matches!(Journal::open(&directory), Err(JournalError::InUse(_))));
        drop(first);
        assert!(Journal::open(&directory).is_ok());
        fs::remove_dir_all(directory).unwrap();
    }
}
