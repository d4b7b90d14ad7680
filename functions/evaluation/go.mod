module github.com/cascading-leadership/cascade/functions/evaluation

go 1.26

require github.com/cascading-leadership/cascade/shared v0.0.0

replace github.com/cascading-leadership/cascade/shared => ../../shared
