module github.com/cascading-leadership/cascade/functions/questionnaires

go 1.26

replace github.com/cascading-leadership/cascade/shared => ../../shared
