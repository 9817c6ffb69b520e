//! The file of a checkpoint: a header of 24 bytes, and the content.
//!
//! ```text
//! 0   the magic bytes, 8
//! 8   version of the format, u32, little-endian as all numbers
//! 12  CRC-32 of the content, u32
//! 16  length of the content, u64
//! 24  the content, in the format of the crate `postcard`
//! ```

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use super::CheckpointError;

pub(super) const VERSION: u32 = 1;
/// No letters at the start, a line end at the end: damage done by text tools shows.
const MAGIC: [u8; 8] = *b"\x93GRADck\n";
const HEADER: usize = 24;
/// Of five hundred million numbers.
const LONGEST: u64 = 1 << 32;

pub(super) fn pack(content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + content.len());
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(crc32fast::hash(content).to_le_bytes());
    bytes.extend((content.len() as u64).to_le_bytes());
    bytes.extend(content);
    bytes
}

pub(super) fn unpack(bytes: &[u8]) -> Result<&[u8], CheckpointError> {
    let magic = bytes.len().min(MAGIC.len());
    if bytes[..magic] != MAGIC[..magic] {
        return Err(CheckpointError::Foreign);
    }
    let (Some(version), Some(crc), Some(length)) =
        (word(bytes, 8).map(u32::from_le_bytes), word(bytes, 12).map(u32::from_le_bytes), word(bytes, 16))
    else {
        return Err(CheckpointError::Truncated);
    };
    if version != VERSION {
        return Err(CheckpointError::OtherVersion { found: version });
    }
    let content = &bytes[HEADER..];
    let length = u64::from_le_bytes(length);
    if (content.len() as u64) < length {
        return Err(CheckpointError::Truncated);
    }
    if (content.len() as u64) > length {
        return Err(CheckpointError::TooLong);
    }
    if crc32fast::hash(content) != crc {
        return Err(CheckpointError::Damaged);
    }
    Ok(content)
}

fn word<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N).and_then(|word| word.try_into().ok())
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, CheckpointError> {
    let error = |e: io::Error| CheckpointError::file(path, &e);
    let file = File::open(path).map_err(error)?;
    // The header says how much to expect: a file that is something else is not read to its end.
    let mut bytes = Vec::new();
    (&file).take(HEADER as u64).read_to_end(&mut bytes).map_err(error)?;
    match unpack(&bytes) {
        Err(CheckpointError::Truncated) if bytes.len() == HEADER => {}
        Ok(_) | Err(CheckpointError::Damaged) => {}
        Err(error) => return Err(error),
    }
    let length = word(&bytes, 16).map_or(0, u64::from_le_bytes);
    if length > LONGEST {
        return Err(CheckpointError::TooLong);
    }
    file.take(length + 1).read_to_end(&mut bytes).map_err(error)?;
    Ok(bytes)
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), CheckpointError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let error = |e: io::Error| CheckpointError::file(path, &e);
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&beside, path)).map_err(|e| {
        let _ = fs::remove_file(&beside);
        error(e)
    })
}
