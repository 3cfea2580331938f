package console

import (
	"strings"

	"treem/bot/staff"
)

// route is one page or act: which address, who may, what it does.
type route struct {
	pattern string
	right   staff.Right // empty: everybody who is logged in
	public  bool        // nobody need be logged in
	free    bool        // also before the second factor is set up
	upload  int64       // how many bytes of files a form may hold; 0: no files
	run     func(v *visit) (answer, error)
}

func (c *Console) routes() []route {
	var all []route
	add := func(pattern string, right staff.Right, run func(*visit) (answer, error)) *route {
		method, path, _ := strings.Cut(pattern, " ")
		all = append(all, route{pattern: method + " " + Path + path, right: right, run: run})
		return &all[len(all)-1]
	}
	add("GET login", "", c.login).public = true
	add("POST login", "", c.tryLogin).public = true
	add("GET code", "", c.code).public = true
	add("POST code", "", c.tryCode).public = true
	add("GET link/{token}", "", c.link).public = true
	add("POST link/{token}", "", c.useLink).public = true
	if c.provider != nil {
		add("GET oidc/login", "", c.oidcBegin).public = true
		add("GET oidc/callback", "", c.oidcEnd).public = true
	}
	add("POST language", "", c.setLanguage).public = true
	add("POST logout", "", c.logout).free = true

	add("GET {$}", "", c.home)
	add("GET profile", "", c.profile).free = true
	add("POST password", "", c.setPassword).free = true
	add("GET second-factor", "", c.secondFactor).free = true
	add("GET second-factor/qr.png", "", c.secondFactorPicture).free = true
	add("POST second-factor", "", c.setSecondFactor).free = true

	add("GET help/{page}", "", c.help)
	add("GET help/pictures/{file}", "", c.helpPicture)

	add("GET cases", staff.ReadCases, c.caseList)
	add("GET cases/{ref}", staff.ReadCases, c.caseShow)
	add("POST cases/{ref}/open", staff.ReadCases, c.caseOpen)
	add("POST cases/{ref}/form-01", staff.ReadCases, c.caseForm)
	add("POST cases/{ref}/act", staff.WorkCases, c.caseAct)

	add("GET entries", staff.ReadContent, c.entryList)
	add("GET entries/new", staff.WriteContent, c.entryNew)
	add("POST entries/new", staff.WriteContent, c.entrySave)
	add("POST entries/preview", staff.WriteContent, c.entryPreview)
	add("GET entries/{id}", staff.ReadContent, c.entryShow)
	add("GET entries/{id}/edit", staff.WriteContent, c.entryEdit)
	add("POST entries/{id}/edit", staff.WriteContent, c.entrySave)
	add("GET drafts", staff.ReadContent, c.draftList)
	add("GET drafts/{id}", staff.ReadContent, c.draftShow)
	add("GET drafts/{id}/check", staff.WriteContent, c.draftCheck)
	add("POST drafts/{id}", staff.WriteContent, c.draftAct)
	add("GET history", staff.ReadContent, c.history)
	add("POST history/restore", staff.WriteContent, c.restore)
	add("GET texts", staff.ReadContent, c.textList)
	add("GET texts/edit", staff.PublishContent, c.textEdit)
	add("POST texts/edit", staff.PublishContent, c.textSave)
	add("GET gaps", staff.WriteContent, c.gaps)

	add("GET statutes", staff.ReadContent, c.statuteList)
	add("POST statutes", staff.PublishContent, c.statuteUpload).upload = maxStatute
	add("GET statutes/{id}", staff.PublishContent, c.statuteShow)
	add("POST statutes/{id}", staff.PublishContent, c.statuteStore)
	add("POST media", staff.WriteContent, c.mediaUpload).upload = maxMedia
	add("GET bulk", staff.ReadContent, c.bulk)
	add("POST bulk", staff.WriteContent, c.bulkImport).upload = maxContent
	add("GET export/{file}", staff.ReadContent, c.export)
	add("GET mistakes", staff.ReadMistakes, c.mistakes)
	add("POST mistakes", staff.WriteContent, c.mistakeAdd)
	add("GET roster", staff.ReadCases, c.roster)
	add("POST roster", staff.EditRoster, c.rosterSave)
	add("GET report", staff.ReadReport, c.report)
	add("GET report/{file}", staff.ReadReport, c.reportFile)

	add("GET accounts", staff.EditAccounts, c.accountList)
	add("GET accounts/new", staff.EditAccounts, c.accountEdit)
	add("POST accounts/new", staff.EditAccounts, c.accountSave)
	add("GET accounts/{login}", staff.EditAccounts, c.accountEdit)
	add("POST accounts/{login}", staff.EditAccounts, c.accountSave)
	add("POST accounts/{login}/link", staff.EditAccounts, c.accountLink)
	add("GET audit", staff.ReadAudit, c.audit)
	return all
}

// nav is the menu of whoever is logged in.
func nav(v *visit) []link {
	var all []link
	for _, n := range []struct {
		to    string
		right staff.Right
	}{
		{"cases", staff.ReadCases}, {"entries", staff.ReadContent}, {"drafts", staff.ReadContent}, {"gaps", staff.WriteContent},
		{"texts", staff.ReadContent}, {"statutes", staff.ReadContent}, {"bulk", staff.ReadContent},
		{"mistakes", staff.ReadMistakes}, {"roster", staff.ReadCases}, {"report", staff.ReadReport}, {"accounts", staff.EditAccounts}, {"audit", staff.ReadAudit},
	} {
		if v.who.May(n.right) {
			all = append(all, link{Path + n.to, v.console.words.in(v.language, "nav."+n.to), strings.HasPrefix(v.URL.Path, Path+n.to)})
		}
	}
	to := "help/noi-dung"
	if v.who.May(staff.ReadCases) {
		to = "help/truc"
	}
	return append(all, link{Path + to, v.console.words.in(v.language, "nav.help"), strings.HasPrefix(v.URL.Path, Path+"help/")})
}
