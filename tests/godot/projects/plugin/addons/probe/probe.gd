@tool
extends EditorPlugin
## Enables the plugin, plays, looks at the dock, presses its button, disables the plugin. Each finding is a line "PROBE name JSON".

const AUTOLOAD := "autoload/RenderCast"
const SETTING := "rendercast/stream/address"


func _enter_tree() -> void:
	_go.call_deferred()


func _go() -> void:
	# The editor's first look at the files has to be over.
	while EditorInterface.get_resource_filesystem().is_scanning():
		await get_tree().process_frame
	_say("before", [ProjectSettings.has_setting(AUTOLOAD), _dock() != null])
	EditorInterface.set_plugin_enabled("rendercast", true)
	await get_tree().process_frame
	_say("enabled", [load("res://addons/rendercast/checks.gd").autoload_path(), _dock() != null])
	_say("settings", _settings())
	_say("idle", _seen())
	# The editor saves the project before it plays.
	ProjectSettings.save()
	# The test starts the game, as the editor would: with the address of its debugger.
	_say("play", [])
	await _until(func() -> bool: return _link().begins_with("http"))
	_say("playing", _seen())
	_press("Let other devices connect")
	_say("address", ProjectSettings.get_setting(SETTING))
	var before := _link()
	await _until(func() -> bool: return _link().begins_with("http") and _link() != before)
	_say("network", _seen())
	_say("stop", [])
	await _until(func() -> bool: return _link() == "")
	_say("stopped", _seen())
	_dock().show_status({"running": "yes", "link": "file:///etc/passwd", "viewers": [], "warnings": 7})
	_say("nonsense", _seen())
	_dock().show_status({"running": true, "link": "http://192.0.2.7:8080/?token=abcdefgh", "viewers": 2, "kbps": 7340.0, "fps": 59.7,
			"encoder": "h264_nvenc", "warnings": PackedStringArray(["The uplink is slow."])})
	_say("shown", _seen())
	EditorInterface.set_plugin_enabled("rendercast", false)
	await get_tree().process_frame
	_say("disabled", [ProjectSettings.has_setting(AUTOLOAD), _dock() != null])
	get_tree().quit()


func _until(true_now: Callable) -> void:
	while not true_now.call():
		await get_tree().process_frame


func _dock() -> Control:
	var found := EditorInterface.get_base_control().find_children("RenderCast", "ScrollContainer", true, false)
	return found[0] if found else null


func _link() -> String:
	var links := _dock().find_children("*", "LinkButton", true, false)
	return (links[0] as LinkButton).uri


## Everything that is there to be read or pressed.
func _seen() -> Dictionary:
	var words: Array[String] = []
	for label: Label in _dock().find_children("*", "Label", true, false):
		if _shown(label):
			words.append(label.text)
	var buttons: Array[String] = []
	for button: Button in _dock().find_children("*", "Button", true, false):
		if _shown(button):
			buttons.append(button.text)
	var code := false
	for picture: TextureRect in _dock().find_children("*", "TextureRect", true, false):
		code = code or (_shown(picture) and picture.custom_minimum_size.x > 100 and picture.texture != null)
	return {"words": words, "buttons": buttons, "link": _link(), "code": code}


## The dock itself may lie behind another tab.
func _shown(item: CanvasItem) -> bool:
	var at: Node = item
	while at != _dock():
		if at is CanvasItem and not at.visible:
			return false
		at = at.get_parent()
	return true


func _settings() -> Array[String]:
	var found: Array[String] = []
	for property in ProjectSettings.get_property_list():
		if property.name.begins_with("rendercast/"):
			found.append(property.name)
	return found


func _press(words: String) -> void:
	for button: Button in _dock().find_children("*", "Button", true, false):
		if button.text == words:
			button.pressed.emit()


func _say(name_of: String, what: Variant) -> void:
	print("PROBE ", name_of, " ", JSON.stringify(what))
