extends Node
## The stream of an ordinary project, as the autoload [code]RenderCast[/code]: the main picture, the sound of one bus, and viewers' input as
## input events. Project Settings, Rendercast has its settings; scenes use its parts:
## [codeblock]
## RenderCast.server.viewer_connected.connect(func(id): print("hello ", id))
## RenderCast.server.send_text(0, "to everybody")
## [/codeblock]
## Nothing here is needed by who puts the nodes into a scene of their own.

const Settings := preload("settings.gd")

## The [RenderCastServer], null where the library is missing on this platform.
var server: Node
## The [RenderCastViewport] of the main picture.
var viewport: Node
## The [RenderCastInput] that makes viewers' input the game's own, null where the project's settings turn it off.
var input: Node
## The [RenderCastAudio] on the bus of the project's settings, null where there is none.
var audio: AudioEffect


func _ready() -> void:
	# A paused game is still seen, and its menu still used.
	process_mode = PROCESS_MODE_ALWAYS
	if not ClassDB.class_exists(&"RenderCastServer"):
		push_warning("rendercast: there is no library for %s in addons/rendercast/bin: nothing is streamed" % OS.get_name())
		return
	server = _add(&"RenderCastServer", {
		"settings": Settings.made(OS.get_cmdline_user_args()),
		"autostart": _flag("autostart"),
	})
	viewport = _add(&"RenderCastViewport", {})
	if _flag("input"):
		input = _add(&"RenderCastInput", {"players_only": _flag("players_only")})
	_listen_to(str(Settings.autoload("audio_bus")))
	if EngineDebugger.is_active():
		EngineDebugger.register_message_capture("rendercast", _told)


func _exit_tree() -> void:
	if EngineDebugger.has_capture("rendercast"):
		EngineDebugger.unregister_message_capture("rendercast")


## Ends the stream and begins it anew with [param address] in its settings, such as [code]0.0.0.0[/code] for the whole network. Viewers are
## disconnected, and the link changes.
func listen_on(address: String) -> Error:
	if server == null:
		return ERR_UNAVAILABLE
	server.stop()
	server.settings.address = address
	return server.start()


func _add(kind: StringName, properties: Dictionary) -> Node:
	var node: Node = ClassDB.instantiate(kind)
	node.name = kind.trim_prefix("RenderCast")
	for property: String in properties:
		node.set(property, properties[property])
	add_child(node)
	return node


## The sound of a bus; one that has the effect already keeps it.
func _listen_to(bus: String) -> void:
	if bus == "":
		return
	var index := AudioServer.get_bus_index(bus)
	if index < 0:
		push_warning("rendercast: there is no audio bus \"%s\": viewers hear nothing" % bus)
		return
	for effect in AudioServer.get_bus_effect_count(index):
		if AudioServer.get_bus_effect(index, effect).is_class("RenderCastAudio"):
			audio = AudioServer.get_bus_effect(index, effect)
			return
	audio = ClassDB.instantiate(&"RenderCastAudio")
	audio.set("mute_local", _flag("mute_local"))
	AudioServer.add_bus_effect(index, audio)


## An option of the autoload's: of the command line, else of the project.
func _flag(key: String) -> bool:
	var written: Variant = Settings.argument(OS.get_cmdline_user_args(), key)
	return written == "true" if written != null else bool(Settings.autoload(key))


## What the editor's dock says to the running game.
func _told(message: String, data: Array) -> bool:
	if message == "address" and data.size() == 1 and data[0] is String:
		listen_on(data[0])
		return true
	return false
