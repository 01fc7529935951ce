extends RefCounted
## Who plays which marble: whoever does something first takes a free seat, and who is silent for long leaves it to the next.

const IDLE_S := 45.0

## Who sits there; empty: nobody, so a bot plays.
var holders: Array[StringName] = [&"", &""]


func of(source: StringName) -> int:
	return holders.find(source) if source != &"" else -1


## The seat of [param source], taken now where one is free; -1: there is none.
func sit(source: StringName) -> int:
	var seat := of(source)
	if seat < 0:
		seat = holders.find(&"")
		if seat >= 0:
			holders[seat] = source
	return seat


func leave(source: StringName) -> int:
	var seat := of(source)
	if seat >= 0:
		holders[seat] = &""
	return seat
