extends MeshInstance3D
## The star that makes a marble heavy: turns, bobs, pops up.

const Arena := preload("res://game/arena.gd")

var _seconds := 0.0


func show_state(arena: Arena, ground: float, delta: float) -> void:
	_seconds = _seconds + delta if visible else 0.0
	visible = arena.star != null
	if visible:
		position = Vector3(arena.star.x, ground + 1.0 + sin(_seconds * 3) * 0.15, arena.star.y)
		rotation.y += delta * 2.5
		scale = Vector3.ONE * minf(_seconds * 4 + 0.01, 1)
