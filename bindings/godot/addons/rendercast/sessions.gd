@tool
extends EditorDebuggerPlugin
## Hears from the games that the editor has started, and tells them things. Each running game is a session.

## The status of the session to show, empty when none streams.
signal changed(status: Dictionary)

## What each session has said last, by its number.
var _told: Dictionary = {}


func _has_capture(capture: String) -> bool:
	return capture == "rendercast"


func _capture(message: String, data: Array, session: int) -> bool:
	if message != "rendercast:status":
		return false
	if data.size() == 1 and data[0] is Dictionary:
		_told[session] = data[0]
		changed.emit(shown())
	return true


func _setup_session(session: int) -> void:
	var debugged := get_session(session)
	debugged.started.connect(_forget.bind(session))
	debugged.stopped.connect(_forget.bind(session))


## Of several games that run at once the first that streams.
func shown() -> Dictionary:
	var numbers := _told.keys()
	numbers.sort()
	for number: int in numbers:
		if _told[number].get("running", false):
			return _told[number]
	return _told[numbers[0]] if numbers else {}


func tell(message: String, data: Array) -> void:
	for session: EditorDebuggerSession in get_sessions():
		if session.is_active():
			session.send_message("rendercast:" + message, data)


func _forget(session: int) -> void:
	_told.erase(session)
	changed.emit(shown())
