//! What the library exports, by its source.

use std::path::Path;

/// Names behind `#[unsafe(no_mangle)]` anywhere in src/.
pub fn exports_in_source(root: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a source folder") {
            let path = entry.expect("a source file").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                names.extend(exports_in(&std::fs::read_to_string(&path).expect("a source file")));
            }
        }
    }
    names.sort();
    names
}

fn exports_in(source: &str) -> Vec<String> {
    let after = source.split("#[unsafe(no_mangle)]").skip(1);
    let name =
        |text: &str| text.split_once("fn ").and_then(|(_, rest)| rest.split_once('(')).map(|(name, _)| name.into());
    after.filter_map(name).collect()
}
