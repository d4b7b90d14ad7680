module github.com/cascading-leadership/cascade/shared

go 1.26
