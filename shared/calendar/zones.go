package calendar

// Zones are the time zones that people are offered beside their own: few, for
// those who lead a charity of the United Kingdom from elsewhere.
var Zones = []string{
	"Europe/London", "Europe/Dublin", "Europe/Paris", "Europe/Athens", "America/New_York", "America/Los_Angeles",
	"Asia/Kolkata", "Asia/Singapore", "Australia/Sydney",
}
