@tool
extends RefCounted
## What would keep somebody from playing, in words, each with the button that mends it where there is one.

const AUTOLOAD := "RenderCast"
const AUTOLOAD_SETTING := "autoload/" + AUTOLOAD
const AUTOLOAD_SCRIPT := "res://addons/rendercast/rendercast.gd"

const LOOPBACK := "127.0.0.1"
const EVERY_ADDRESS := "0.0.0.0"

## Actions of buttons.
const ADD_AUTOLOAD := &"add_autoload"
const LISTEN_ON_NETWORK := &"listen_on_network"
const LISTEN_HERE := &"listen_here"

const Settings := preload("settings.gd")


## What [method of] judges, as this project and this machine are.
static func facts() -> Dictionary:
	return {
		"library": ClassDB.class_exists(&"RenderCastServer"),
		"platform": "%s.%s" % [OS.get_name().to_lower(), Engine.get_architecture_name()],
		"autoload": ProjectSettings.has_setting(AUTOLOAD_SETTING),
		"autostart": Settings.autoload("autostart"),
		"address": str(ProjectSettings.get_setting(Settings.STREAM + "address", LOOPBACK)),
		"audio_bus": str(Settings.autoload("audio_bus")),
		"audio_buses": range(AudioServer.bus_count).map(AudioServer.get_bus_name),
	}


## The script or scene of the project's autoload RenderCast, empty where there is none. Newer editors write its UID instead of its path.
static func autoload_path() -> String:
	var written := str(ProjectSettings.get_setting(AUTOLOAD_SETTING, "")).trim_prefix("*")
	if not written.begins_with("uid://"):
		return written
	var id := ResourceUID.text_to_id(written)
	return ResourceUID.get_id_path(id) if ResourceUID.has_id(id) else written


## Findings: `text`, `serious` (nothing streams, or a part of it is missing), and of a button its `action` and `label`.
static func of(given: Dictionary) -> Array[Dictionary]:
	var found: Array[Dictionary] = []
	if not given.library:
		found.append(_finding("The native library for %s is missing or could not be loaded, so nothing streams. Build it with " % given.platform
				+ "bindings/godot/build.sh --into, or take a release of the add-on that has it; then restart the editor.", true))
		return found
	if not given.autoload:
		found.append(_finding("The autoload %s is not there: nothing streams, unless your scenes have a RenderCastServer of their own." % AUTOLOAD,
				true, ADD_AUTOLOAD, "Add the autoload"))
	elif not given.autostart:
		found.append(_finding("Autostart is off: the stream begins when the game calls RenderCast.server.start()."))
	if is_loopback(given.address):
		found.append(_finding("Only this computer can open the link. A phone needs the game to listen on your network.",
				false, LISTEN_ON_NETWORK, "Let other devices connect"))
	else:
		found.append(_finding("Devices of your network can open the link. It has a token in it: who has the link gets in.",
				false, LISTEN_HERE, "This computer only"))
	if given.audio_bus != "" and given.audio_bus not in given.audio_buses:
		found.append(_finding("There is no audio bus \"%s\", so viewers hear nothing (Project Settings, Rendercast, Autoload, Audio Bus)." %
				given.audio_bus, true))
	return found


static func is_loopback(address: String) -> bool:
	var host := address.trim_prefix("[").get_slice("]", 0)
	return host.begins_with("127.") or host.get_slice(":", 0) == "localhost" or host == "::1"


static func _finding(text: String, serious := false, action := &"", label := "") -> Dictionary:
	return {"text": text, "serious": serious, "action": action, "label": label}
