extends Camera3D
## The camera: still, but for a shake after a bump.

const SHAKE_S := 0.35

var _home: Vector3
var _left_s := 0.0
var _strength := 0.0


func _ready() -> void:
	_home = position
	look_at(Vector3(0, -1.3, 0.4))


func shake(strength: float) -> void:
	_strength = clampf(strength * 0.02, 0.05, 0.3)
	_left_s = SHAKE_S


func _process(delta: float) -> void:
	_left_s = maxf(_left_s - delta, 0)
	var now := _strength * _left_s / SHAKE_S
	position = _home + Vector3(sin(_left_s * 70), cos(_left_s * 57), 0) * now
