module github.com/cascading-leadership/cascade/functions/reminders

go 1.26

replace github.com/cascading-leadership/cascade/shared => ../../shared
