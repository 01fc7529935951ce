@tool
extends RefCounted
## The project's settings under "rendercast": those of [RenderCastSettings], one for one, and what the autoload adds to them.

const STREAM := "rendercast/stream/"
const AUTOLOAD := "rendercast/autoload/"

## What the autoload does, with its default.
const DEFAULTS: Dictionary = {
	"autostart": true,
	"audio_bus": "Master",
	"mute_local": false,
	"input": true,
	"players_only": true,
}


## Makes them appear in Project > Project Settings > Rendercast. Values that are left as they are take no place in the file.
static func register() -> void:
	for property in stream_properties():
		_register(STREAM + property.name, default_of(property), property)
	for key: String in DEFAULTS:
		_register(AUTOLOAD + key, DEFAULTS[key], {})


## The exported properties of [RenderCastSettings]; none where the library is missing.
static func stream_properties() -> Array[Dictionary]:
	var found: Array[Dictionary] = []
	if ClassDB.class_exists(&"RenderCastSettings"):
		for property in ClassDB.class_get_property_list(&"RenderCastSettings", true):
			if property.usage & PROPERTY_USAGE_STORAGE:
				found.append(property)
	return found


static func default_of(property: Dictionary) -> Variant:
	var value: Variant = ClassDB.class_get_property_default_value(&"RenderCastSettings", property.name)
	return type_convert(value, property.type)


static func autoload(key: String) -> Variant:
	return ProjectSettings.get_setting_with_override(AUTOLOAD + key) if ProjectSettings.has_setting(AUTOLOAD + key) else DEFAULTS[key]


## A [RenderCastSettings] as the project and the command line say: `godot --path . -- --rendercast-port=9000`.
static func made(arguments: PackedStringArray) -> Resource:
	var settings: Resource = ClassDB.instantiate(&"RenderCastSettings")
	for property in stream_properties():
		if ProjectSettings.has_setting(STREAM + property.name):
			settings.set(property.name, ProjectSettings.get_setting_with_override(STREAM + property.name))
		var written: Variant = argument(arguments, property.name)
		if written != null:
			settings.set(property.name, read(written, property.type))
	return settings


## The value of `--rendercast-NAME=VALUE`, null where it is not there. A flag without a value is "true".
static func argument(arguments: PackedStringArray, name: String) -> Variant:
	var flag := "--rendercast-" + name.replace("_", "-")
	for given in arguments:
		if given == flag:
			return "true"
		if given.begins_with(flag + "="):
			return given.substr(flag.length() + 1)
	return null


static func read(text: String, type: Variant.Type) -> Variant:
	match type:
		TYPE_BOOL:
			return text == "true"
		TYPE_PACKED_STRING_ARRAY:
			return text.split(",", false)
		TYPE_STRING:
			return text
		_:
			return type_convert(text, type)


static func _register(path: String, default: Variant, property: Dictionary) -> void:
	if not ProjectSettings.has_setting(path):
		ProjectSettings.set_setting(path, default)
	ProjectSettings.set_initial_value(path, default)
	ProjectSettings.set_as_basic(path, true)
	var hint := {"name": path, "type": typeof(default), "hint": property.get("hint", PROPERTY_HINT_NONE)}
	hint["hint_string"] = property.get("hint_string", "")
	ProjectSettings.add_property_info(hint)
