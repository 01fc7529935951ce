//! Files with a secret in them: only their owner can read them, and they are there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Longest file read, in bytes: a certificate and its key have about 1000.
const LONGEST: u64 = 64 << 10;

/// The whole file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("it has more than {LONGEST} bytes")));
    }
    Ok(bytes)
}

/// Writes the file with the rights of its owner alone. False: it was there, and `replace` did not say that it may go.
pub fn write(path: &Path, text: &str, replace: bool) -> io::Result<bool> {
    let draft = draft(path)?;
    let written = write_draft(&draft, text).and_then(|()| {
        if replace {
            return fs::rename(&draft, path).map(|()| true);
        }
        match fs::hard_link(&draft, path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            // Not every file system has links; there two writers at the same moment are as unlikely as they are.
            Err(_) if !path.exists() => fs::rename(&draft, path).map(|()| true),
            Err(_) => Ok(false),
        }
    });
    // It is gone already where it was renamed.
    let _ = fs::remove_file(&draft);
    written
}

/// Beside the file, so that it can take its place in one step.
fn draft(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let number = getrandom::u64().map_err(|error| io::Error::other(error.to_string()))?;
    Ok(path.with_file_name(format!(".{name}.{number:016x}")))
}

fn write_draft(draft: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_its_owners_alone_and_goes_only_where_that_is_wanted() {
        let folder = std::env::temp_dir().join(format!("rendercast-secret-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("key.pem");
        assert!(write(&path, "one", false).unwrap());
        assert!(!write(&path, "two", false).unwrap());
        assert_eq!(read(&path).unwrap(), b"one");
        assert!(write(&path, "three", true).unwrap());
        assert_eq!(read(&path).unwrap(), b"three");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left");
        assert_eq!(write(&folder.join("none").join("key.pem"), "", true).unwrap_err().kind(), io::ErrorKind::NotFound);
        fs::write(&path, vec![b'x'; 70_000]).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("65536"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
