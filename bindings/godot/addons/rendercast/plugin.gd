@tool
extends EditorPlugin
## Adds the autoload that streams, the project's settings, and the dock that shows the running game's stream. Nothing streams in
## the editor itself: the game is a process of its own, and only that one opens a port.

const Dock := preload("dock.gd")
const Checks := preload("checks.gd")
const Sessions := preload("sessions.gd")
const Settings := preload("settings.gd")

var _dock: Dock
var _sessions: Sessions


func _enable_plugin() -> void:
	if not ProjectSettings.has_setting(Checks.AUTOLOAD_SETTING):
		add_autoload_singleton(Checks.AUTOLOAD, Checks.AUTOLOAD_SCRIPT)


func _disable_plugin() -> void:
	# An autoload of that name which somebody else has made stays.
	if Checks.autoload_path() == Checks.AUTOLOAD_SCRIPT:
		remove_autoload_singleton(Checks.AUTOLOAD)


func _enter_tree() -> void:
	Settings.register()
	_dock = Dock.new()
	_dock.name = "RenderCast"
	_dock.asked.connect(_act)
	add_control_to_dock(DOCK_SLOT_RIGHT_BL, _dock)
	_sessions = Sessions.new()
	_sessions.changed.connect(_dock.show_status)
	add_debugger_plugin(_sessions)
	ProjectSettings.settings_changed.connect(_check)
	_check()


func _exit_tree() -> void:
	ProjectSettings.settings_changed.disconnect(_check)
	remove_debugger_plugin(_sessions)
	_sessions = null
	remove_control_from_docks(_dock)
	_dock.free()


func _check() -> void:
	_dock.show_findings(Checks.of(Checks.facts()))


## What a button of the dock stands for.
func _act(action: StringName) -> void:
	match action:
		Checks.ADD_AUTOLOAD:
			_enable_plugin()
			ProjectSettings.save()
		Checks.LISTEN_ON_NETWORK:
			_listen_on(Checks.EVERY_ADDRESS)
		Checks.LISTEN_HERE:
			_listen_on(Checks.LOOPBACK)
	_check()


func _listen_on(address: String) -> void:
	ProjectSettings.set_setting(Settings.STREAM + "address", address)
	ProjectSettings.save()
	# The running game changes at once.
	_sessions.tell("address", [address])
