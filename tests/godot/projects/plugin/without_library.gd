extends SceneTree
## Says what checks.gd finds here, and whether the autoload's script does no harm.


func _init() -> void:
	var checks: GDScript = load("res://addons/rendercast/checks.gd")
	var found: Array[String] = []
	for finding: Dictionary in checks.of(checks.facts()):
		found.append(finding.text)
	print("FOUND ", JSON.stringify(found))
	root.add_child(load("res://addons/rendercast/rendercast.gd").new())
	quit.call_deferred()
