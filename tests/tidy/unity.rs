//! The Unity package as files: every asset has a .meta with an identity of its own, as Unity wants it of a package.

use std::collections::BTreeMap;
use std::path::Path;

use crate::source::root;
use crate::{LINES, report};

const PACKAGE: &str = "bindings/unity";

/// Every file and folder that Unity imports, from the package's folder; .meta files too.
fn assets() -> Vec<String> {
    let package = root().join(PACKAGE);
    let mut found = Vec::new();
    let mut folders = vec![package.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the package") {
            let path = entry.expect("an entry of the package").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            // Unity looks neither into hidden folders nor into those that end in ~.
            if name.starts_with('.') || name.ends_with('~') {
                continue;
            }
            found.push(path.strip_prefix(&package).expect("inside").to_string_lossy().replace('\\', "/"));
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Stays the same while the asset keeps its name: FNV-1a of it, 128 bits.
fn identity(asset: &str) -> String {
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for byte in format!("com.rendercast.streaming/{asset}").bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    format!("{hash:032x}")
}

/// As short as Unity accepts it; the importer's defaults are meant.
fn meta(asset: &str) -> String {
    let folder = root().join(PACKAGE).join(asset).is_dir();
    let importer = match Path::new(asset).extension().and_then(|extension| extension.to_str()) {
        _ if folder => "folderAsset: yes\nDefaultImporter",
        Some("cs") => "MonoImporter",
        Some("asmdef") => "AssemblyDefinitionImporter",
        Some("md") => "TextScriptImporter",
        _ if asset == "package.json" => "PackageManifestImporter",
        _ => "DefaultImporter",
    };
    let settings = match importer {
        "MonoImporter" => {
            "  serializedVersion: 2\n  defaultReferences: []\n  executionOrder: 0\n  icon: {instanceID: 0}\n"
        }
        _ => "",
    };
    format!(
        "fileFormatVersion: 2\nguid: {}\n{importer}:\n  externalObjects: {{}}\n{settings}  userData: \n  assetBundleName: \n  \
         assetBundleVariant: \n",
        identity(asset)
    )
}

fn guid(meta: &str) -> Option<&str> {
    let guid = meta.lines().find_map(|line| line.strip_prefix("guid: "))?;
    let good = guid.len() == 32 && guid.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    good.then_some(guid)
}

#[test]
fn every_asset_of_the_unity_package_has_one_identity_of_its_own() {
    let assets = assets();
    let mut problems = Vec::new();
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for asset in assets.iter().filter(|asset| !asset.ends_with(".meta")) {
        let path = root().join(PACKAGE).join(format!("{asset}.meta"));
        if std::env::var_os("RENDERCAST_BLESS").is_some() && !path.exists() {
            std::fs::write(&path, meta(asset)).expect("a .meta can be written");
        }
        let Ok(text) = std::fs::read_to_string(&path) else {
            problems.push(format!("{asset}: no .meta; RENDERCAST_BLESS=1 cargo test --test tidy unity writes it"));
            continue;
        };
        let Some(guid) = guid(&text) else {
            problems.push(format!("{asset}.meta: its guid is not 32 hexadecimal digits"));
            continue;
        };
        if let Some(other) = owners.insert(guid.to_owned(), asset) {
            problems.push(format!("{asset}: the same guid as {other}"));
        }
    }
    for meta in assets.iter().filter_map(|asset| asset.strip_suffix(".meta")) {
        if !root().join(PACKAGE).join(meta).exists() {
            problems.push(format!("{meta}.meta: its asset is gone"));
        }
    }
    report("The Unity package's .meta files:", &problems);
    assert!(owners.len() > 30, "only {} assets were found", owners.len());
}

#[test]
fn unity_package_has_the_version_of_the_crate_and_short_files() {
    let package = std::fs::read_to_string(root().join(PACKAGE).join("package.json")).expect("package.json");
    assert!(
        package.contains(concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"")),
        "package.json: another version"
    );
    let mut problems = Vec::new();
    for asset in assets().iter().filter(|asset| asset.ends_with(".cs") && !asset.ends_with(".g.cs")) {
        let text = std::fs::read_to_string(root().join(PACKAGE).join(asset)).expect("a source");
        let lines = text.lines().count();
        if lines > LINES {
            problems.push(format!("{asset}: {lines} lines, {LINES} is normal: split it by purpose"));
        }
    }
    report("Files of the Unity package that are too long:", &problems);
}

/// The inspector shows every key of the configuration: what is written is what the library reads, and nothing is forgotten.
#[test]
fn unity_settings_write_every_key_of_the_configuration() {
    let source =
        std::fs::read_to_string(root().join(PACKAGE).join("Runtime/StreamingConfiguration.cs")).expect("the settings");
    let defaults = serde_json::to_value(rendercast::config::Config::default()).expect("the configuration as JSON");
    let server = serde_json::to_value(rendercast::config::IceServer::default()).expect("an ICE server as JSON");
    let mut keys: Vec<&String> = server.as_object().expect("an object").keys().collect();
    for (section, values) in defaults.as_object().expect("an object") {
        keys.push(section);
        keys.extend(values.as_object().expect("a section").keys());
    }
    let missing: Vec<_> = keys.iter().filter(|key| !source.contains(&format!("\"{key}\""))).collect();
    assert!(missing.is_empty(), "StreamingConfiguration.cs does not write {missing:?}");
}
