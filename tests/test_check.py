"""`leadrules check`: what it says of rule files, where, and how it leaves.

The table of mistakes is the text MISTAKES below: rulesets divided by `---`, where `#~ LR104`
marks each line with the codes that must be found there and `#! LR104` begins a near miss,
a ruleset that is close to that mistake and has none.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from leadrules.meaning.codes import CODES
from leadrules.shell.cli import cli
from leadrules.shell.color import wants_color
from tests.doors import findings

ROOT = Path(__file__).parents[1]

SCHEMA = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "email": {"type": "string"},
        "budget": {"type": "number"},
        "employees": {"type": "integer"},
        "industry": {"type": "string", "enum": ["SaaS", "Retail"], "x-blank": ["N/A"]},
        "opted_in": {"type": "boolean"},
        "purchase_date": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"type": "string", "enum": ["art", "music"]}},
        "events": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "type": {"enum": ["demo_request", "page_view", "reply"]},
                    "at": {"type": "string", "format": "date-time"},
                    "url": {"type": "string"},
                    "channel": {"enum": ["web", "mail"]},
                    "seconds": {"type": "number"},
                },
            },
        },
    },
}
FILES = {
    "lead.json": json.dumps(SCHEMA),
    "sizes.json": json.dumps(
        {
            "properties": {
                "size": {"enum": ["small", "medium", "large", "n/a", None], "x-blank": ["N/A"]},
                "other": {"type": "string"},
            }
        }
    ),
    "open.json": json.dumps({"properties": {"title": {"type": "string"}}}),
    "broken.json": "{",
    "wrong.json": '{"type": "strin"}',
    "list.json": "[]",
    "far.json": '{"properties": {"a": {"$ref": "other.json"}}}',
    "round.json": '{"properties": {"a": {"$ref": "#/properties/a"}}}',
    "core.rules": "list core = [SaaS]\n",
    "round.rules": 'include "test.rules"\n',
    "words.txt": "# free mail\ngmail.com\n\n",
    "empty.txt": "# nothing\n\n",
    "long.txt": "x\n" * 100_001,
    "large.rules": "#" * 5_000_001,
}

MISTAKES = """
include "nowhere.rules"  #~ LR101
list words = file "nowhere.txt"  #~ LR101
use schema "nowhere.json"  #~ LR101
a +1
---
#! LR101
include "core.rules"
list words = file "words.txt"
use schema "lead.json"
domain(email) in words and industry in core +1
---
include "test.rules"  #~ LR102
a +1
---
#! LR102
include "core.rules"
a +1
---
use schema "broken.json"  #~ LR103
a +1
---
use schema "wrong.json"  #~ LR103
a +1
---
use schema "list.json"  #~ LR103
a +1
---
use schema "far.json"  #~ LR103
a +1
---
use schema "round.json"  #~ LR103
a +1
---
#! LR103
use schema "lead.json"
demo_request +1
---
use schema "lead.json"
budgett > 1 +1  #~ LR104
page_vew +1  #~ LR104
page_view where urll = "/a" +1  #~ LR104
page_view where budget > 1 +1  #~ LR104
title in free_mail +1  #~ LR104
---
#! LR104
use schema "lead.json"
budget > 1 +1
page_view where url = "/a" +1
page_view where (field budget > 1) +1
no reply for 30d -> cold
any event within 30d -> warm
---
define vip = a
list vip = [b]  #~ LR105
signal vip = a  #~ LR105
score vip { a +1 }  #~ LR105
classify vip { a -> 1 }  #~ LR105
vip +1
---
#! LR105
define vip = a
list vips = [b]
vip and x in vips +1
---
define stage = a  #~ LR106
list previous = [b]  #~ LR106
signal temperature = a  #~ LR106
classify fired { a -> 1 }  #~ LR106
score scores { a +1 }  #~ LR106
define id = a  #~ LR106
a +1
---
#! LR106
define scored = a
list stages = [b]
scored and x in stages +1
---
ruleset "A"
ruleset "B"  #~ LR107
timezone "UTC"
timezone "UTC"  #~ LR107
use schema "lead.json"
use schema "lead.json"  #~ LR107
include "core.rules"
include "core.rules"  #~ LR107
each reply +1 max 5 max 6  #~ LR107
score fit max 5 max 6 { reply +1 }  #~ LR107
---
#! LR107
ruleset "A"
timezone "UTC"
include "core.rules"
each reply +1 max 5
score fit min 0 max 5 { reply +1 }
---
timezone "Europe/Pariss"  #~ LR108
a +1
---
timezone "../UTC"  #~ LR108
a +1
---
#! LR108
timezone "America/Argentina/Buenos_Aires"
a +1
---
define a = b
define b = a  #~ LR109
define c = c  #~ LR109
signal d = any of [e, d]  #~ LR109
x +1
---
#! LR109
define a = b
define b = c
signal d = e
a or d +1
---
define vip = a
list words = [x]
score fit { b +1 }
classify grade { b -> 1 }
vip = yes +1  #~ LR110
words +1  #~ LR110
at least 1 fit +1  #~ LR110
grade within 30d +1  #~ LR110
domain(email) +1  #~ LR110
valid_email(email) = true +1  #~ LR110
page_view where type = x +1  #~ LR110
at least 1 score +1  #~ LR110
stage = SQL +1  #~ LR137
---
use schema "open.json"
at least 1 title +1  #~ LR110
---
#! LR110
define vip = a
list words = [x]
vip +1
y in words +1
domain(email) = gmail.com +1
field vip = yes +1
valid_email(email) -> SQL
page_view where kind = x +1
field stage = SQL +1
---
use schema "lead.json"
title +1  #~ LR111
budget contains x +1  #~ LR111
budget = abc +1  #~ LR111
title > 5 +1  #~ LR111
title < ceo +1  #~ LR111
opted_in >= true +1  #~ LR111
budget = exactly 5 +1  #~ LR111
purchase_date = tomorrow +1  #~ LR111
domain(title) > 5 +1  #~ LR111
length(title) = abc +1  #~ LR111
tags = abc +1  #~ LR111
---
#! LR111
use schema "lead.json"
title = ceo +1
budget > 5 +1
opted_in +1
opted_in = true +1
title = exactly CEO +1
purchase_date within next 30d +1
title matches /ceo/ +1
domain(title) = gmail.com +1
length(title) > 5 +1
tags contains art +1
at least 2 reply +1
---
score fit { a +1 }
score engagement { b +1 }
checklist BANT { budget: c known }
define both = (fit + engagement)
fit < engagement -> lead  #~ LR111
fit = engagement -> MQL  #~ LR111
fit < previous.fit -> SQL  #~ LR111
score != previous.score -> hot  #~ LR111
BANT >= fit -> warm  #~ LR111
turnover > both -> cold  #~ LR111
(count of a) > fit -> contact  #~ LR111
fit > turnover -> customer  #~ LR111
---
#! LR111
score fit { a +1 }
score engagement { b +1 }
word = "fit" +1
(fit - engagement) < 0 -> lead
(score - previous.score) < 0 -> hot
fit > field turnover -> MQL
---
x = 5 +1
x = abc +1  #~ LR112
y within next 3d +1
y > 5 +1  #~ LR112
page_view where (z = true) +1
page_view where (z = 5) +1  #~ LR112
---
#! LR112
x = "5" +1
x = abc +1
y > 5 +1
page_view where (y = abc) +1
---
use schema "lead.json"
industry = Sas +1  #~ LR113
industry in [SaaS, Retial] +1  #~ LR113
industry = "n/a" +1  #~ LR113
---
#! LR113
use schema "lead.json"
industry = saas +1
industry in [SaaS, " retail "] +1
industry contains "Sa" +1
---
lenght(title) > 5 +1  #~ LR114
size(title) > 5 +1  #~ LR114
---
#! LR114
length(title) > 5 +1
lenght +1
---
title matches /(?=x)/ +1  #~ LR115
title matches /(a)\\1/ +1  #~ LR115
title matches /[/ +1  #~ LR115
title matches exactly /*/ +1  #~ LR115
title matches /a{5000}/ +1  #~ LR115
---
#! LR115
title matches /(?:x)/ +1
title matches /(a)1/ +1
title matches /\\[/ +1
title matches /a{500}/ +1
title matches /\\p{Greek}/ +1
---
title = "" +1  #~ LR116
title = " " +1  #~ LR116
title in [a, ""] +1  #~ LR116
title contains "" +1  #~ LR116
title like "" +1  #~ LR116
tags contains all of ["", a] +1  #~ LR116
---
#! LR116
title = "a" +1
title contains " " +1
title missing +1
---
title in [a, 5] +1  #~ LR117
title in [5, 2026-01-01] +1  #~ LR117
vip in [true, false] +1  #~ LR117
list none = []  #~ LR117
list empty = file "empty.txt"  #~ LR117
title in none +1
title in empty +1
---
#! LR117
title in [a, "5"] +1
budget in [5, 10..20] +1
day in [2026-01-01, 2026-02-01] +1
list words = file "words.txt"
title in words +1
---
define vip = reply
use schema "lead.json"
vip where url = x +1  #~ LR119
vip within 30d +1  #~ LR119
title where url = x +1  #~ LR119
---
#! LR119
define vip = a within 30d
signal visit = page_view
vip +1
visit where url = x within 30d +1
---
at least 1 demo_request within next 3d +1  #~ LR120
each demo_request within next 3d +1  #~ LR120
no demo_request within next 3d +1  #~ LR120
---
#! LR120
at least 1 demo_request within 3d +1
purchase_date within next 3d +1
---
score fit { a +1 }
score >= 5 +1  #~ LR121
fit > 1 +1  #~ LR121
define good = fit > 2
each a when good +1  #~ LR121
---
#! LR121
score fit { a +1 }
define good = fit > 2
good -> SQL
field score > 5 +1
---
page_view where (at least 1 reply) +1  #~ LR122
page_view where (count of reply > 2) +1  #~ LR122
page_view where (no reply for 3d) +1  #~ LR122
define replied = reply
page_view where (replied) +1  #~ LR122
---
#! LR122
page_view where (url contains "/a" and seconds > 3) +1
define big = field budget > 5
page_view where (big) +1
---
country = FR or DE +1  #~ LR123
---
#! LR123
country = FR or demo_request +1
country in [FR, DE] +1
each demo_request +1
---
#! LR123
country = FR or at least 1 DE +1
---
a -> SQLL  #~ LR130
a -> purple  #~ LR130
---
#! LR130
a -> SQL
b -> hot
classify colour { a -> purple }
---
otherwise -> lead
a -> SQL  #~ LR131
b -> hot
classify grade {
  otherwise -> 1
  a -> 2  #~ LR131
  otherwise -> 3  #~ LR131
}
---
#! LR131
a -> SQL
otherwise -> lead
b -> hot
---
a +10 max 20  #~ LR132
budget > 5 +10 max 20  #~ LR132
a -10 min -20  #~ LR132
each a -10 max 20  #~ LR132
each a +10 min 5  #~ LR132
---
#! LR132
a +10 max 5
each a +10 max 20
each a -10 min -20
score fit max 50 { a +1 }
---
score fit min 10 max 5 { a +1 }  #~ LR133
each a +10 min 30 max 20  #~ LR133
---
#! LR133
score fit min 5 max 10 { a +1 }
score zero min 5 max 5 { a +1 }
---
a +1000001  #~ LR134
a -1000001  #~ LR134
each a +1 max 1000001  #~ LR134
---
#! LR134
a +1000000
a -1000000
each a +1 max 1000000
---
ruleset "Nothing"  #~ LR135
define vip = a
---
#! LR135
a +0
---
#! LR135
classify grade { otherwise -> 1 }
---
title != ceo +1  #~ LR201
not title = ceo +1  #~ LR201
title not in [ceo, cto] +1  #~ LR201
not valid_email(email) +1  #~ LR201
domain(email) != gmail.com +1  #~ LR201
not field vip +1  #~ LR201
---
#! LR201
title != ceo or title missing +1
title known and title not in [ceo, cto] +1
score != 5 -> SQL
page_view where url != x +1
not demo_request +1
checklist BANT { need: need != none; authority: not title in [trainee, student] }
---
#! LR201
use schema "lead.json"
title != ceo +1
---
not (title = ceo and budget > 5) +1  #~ LR201
not (title = ceo or budget > 5) +1  #~ LR201
define boss = title = ceo
not boss +1  #~ LR201
define rich = boss or budget > 5
not rich +1  #~ LR201
not field since_when within 30d +1  #~ LR201
---
use schema "lead.json"
not purchase_date within 30d +1  #~ LR201
not opted_in +1  #~ LR201
stage != SQL -> hot  #~ LR201
demo_request -> SQL
---
#! LR201
not (title known and title = ceo) +1
not ((title known and title = ceo) or (budget known and budget > 5)) +1
define boss = title known and title = ceo
not boss +1
define asked = demo_request or no reply
not asked +1
no demo_request +1
not demo_request within 30d +1
stage != SQL -> hot
demo_request -> SQL
otherwise -> lead
---
demo_request +1
demo_requst +1  #~ LR202
demo_request -> hot
---
#! LR202
demo_request +1
webinar +1
call +1
sms +1
consultation_booked +1
consultation_completed +1
---
#! LR202
use schema "lead.json"
demo_request +1
---
country = budget +1  #~ LR203
budget > 5 +1
---
#! LR203
country = "budget" +1
budget > 5 +1
---
#! LR203
country = field region +1
region = FR +1
---
budget > 5 +1
budget < 50 -1
budgett > 10 +1  #~ LR202
---
score fit { a +1; b +2 }
checklist BANT { need: need known }
fitt >= 5 -> SQL  #~ LR202
BAMT >= 1 -> MQL  #~ LR202
---
signal pricing_visit = page_view where url contains "/pricing"
pricing_visit +5
pricing_visti +5  #~ LR202
at least 3 demo_requests +5  #~ LR202
each demo_request +1
demo_request -> hot
---
#! LR202
subscribe +1
unsubscribe -5
signup +1
signin +2
step_1 +1
step_2 +1
visit_us +1
visit_uk +1
open_email +1
send_email +1
opened +1
reopened +1
email_sent +1
sms_sent +1
trial_start +5
trial_stop -5
call +1
cell +1
email_bounce -5
email_bounced = true -5
---
#! LR202
signal calls = any of [call, voicemail]
calls +5
---
#! LR202
no reply for 30d -> cold
created_at_ > 5 +1
---
budget > 5 +1
Budget > 10 +1  #~ LR206
checklist BANT { need: need known }
bant >= 1 -> MQL  #~ LR206
Demo_Request +5  #~ LR206
demo_request +5
demo_request -> hot
---
#! LR206
budget > 5 +1
budget_eur > 10 +1
industry = BUDGET +1
---
budget > 5 +1
budget +5  #~ LR207
---
#! LR207
field demo_request within 30d +1
demo_request +5
page_view where seconds > 30 +1
seconds +1
---
demo_request -> SQL
MQL and reply -> customer  #~ LR208
SQL +5  #~ LR208
classify size { budget > 5 -> big; otherwise -> little }
big and reply -> hot  #~ LR208
---
#! LR208
demo_request -> SQL
at least 1 SQL +5
MQL within 30d +5
stage = SQL -> hot
---
#! LR208
customer +5
customer within 30d +5
---
budget >= 10.000 +1  #~ LR209
seats in 1.500..2.000 +1  #~ LR209 LR209
budget in [5.000, 7] +1  #~ LR209
band turnover { 0..<100.000 +1; 100.000.. +2 }  #~ LR209 LR209
---
#! LR209
ratio >= 10.0 +1
ratio >= 1.125 +1
ratio >= 1.50 +1
version = "10.000" +1
budget >= 10_000 +1
a +1 "10.000 visits"
# 10.000
---
score fit half-life 12h { a +1 }  #~ LR213
b +1 half-life 36h  #~ LR213
---
#! LR213
score fit half-life 24h { a +1 }
b +1 half-life 2d
---
score fit half-life 30d { x = 1 +1; group "g" max 2 { y = 2 +3 } }  #~ LR214
score size fades over 90d { band employees { 1..9 +1; 10.. +2 } }  #~ LR214
---
#! LR214
score fit half-life 30d { x = 1 +1; a +1 }
score size half-life 30d since last event { x = 1 +1 }
score deep half-life 30d { x = 1 +1; group "g" max 2 { b +3 } }
score own half-life 30d { c +1 fades over 90d }
---
group "Total" max 5 { a +3; b +4 }  #~ LR215
score max { a +1 }  #~ LR215
define domain = a  #~ LR215
domain +1
define total = (5 + 1)  #~ LR215
total > 5 +1
checklist length { need: a }  #~ LR215
---
#! LR215
group "total visits" max 5 { a +3; b +4 }
score maximum { a +1 }
domain(email) = x.com +1
---
use schema "lead.json"
band employees { "1-50" +1; "250+" +2; [5, "<9"] +3; 60.. +4 }  #~ LR111 LR111 LR111
---
#! LR111
band size { "1-50" +1; "250+" +2 }
---
previous.stage = SQL -> customer  #~ LR110
previous.stage != SQL -> hot  #~ LR110
a -> SQL
---
#! LR110
was SQL -> customer
not was SQL -> hot
previous.score > 5 -> SQL
---
budget = fit +1  #~ LR203
score fit { a +1 }
---
#! LR203
source = inbound +1
score inbound when source = inbound { a +1 }
list fit = [x]
size = fit +1
define good = size = good
good +1
---
use schema "lead.json"
tags contains any of [art, muzic] +1  #~ LR113
not tags contains muzic +1  #~ LR201 LR113
industry in [SaaS, Bank] +1  #~ LR113
industry contains Ba +1  #~ LR113
industry starts with aas +1  #~ LR113
industry ends with Sa +1  #~ LR113
page_view where channel = phone +1  #~ LR113
band industry { SaaS +1; Bank +2 }  #~ LR113
---
#! LR113
use schema "lead.json"
tags contains all of [ART, music] +1
industry contains aa +1
industry starts with sa +1
industry ends with exactly aS +1
industry like "x*" +1
page_view where channel in [web, mail] +1
band industry { saas +1; retail +2 }
---
include "/etc/rules"  #~ LR136
list words = file "/etc/passwd"  #~ LR136
use schema "/lead.json"  #~ LR136
a +1
---
#! LR136
include "./core.rules"
list words = file "x/../words.txt"
x in core or x in words +1
---
a +1
stage = SQL -> hot  #~ LR137
was cold -> warm
dimension heat: mild < boiling  #~ LR137
combine both = stage, temperature  #~ LR137
---
a -> hot
dimension stage never falls  #~ LR137
---
#! LR137
a -> SQL
stage = SQL and field stage = x -> hot
dimension heat: mild < boiling
b -> mild
combine both = stage, heat
dimension stage never falls
was mild -> warm
---
a -> SQL
checklist BANT { budget: budget > 5 }
stage = SQL +1  #~ LR138
define sold = stage = customer
each a when sold +1  #~ LR138
score fit when stage known { a +1 }  #~ LR138
score rest max 5 when stage known { a +1 }  #~ LR138
total max 5 when stage = SQL  #~ LR138
band stage { SQL +1 }  #~ LR138
exclude score < 0  #~ LR138
exclude BANT >= 1  #~ LR138
freeze stage = customer  #~ LR138
checklist CHAMP { a: BANT >= 1; b: score > 5; c: stage = SQL }  #~ LR138 LR138 LR138
---
#! LR138
a -> SQL
checklist BANT { budget: budget > 5 }
checklist CHAMP { authority: BANT.budget }
BANT >= 1 +1
band BANT { 0 +0; 1 +1 }
each a when BANT complete +1
score fit when BANT >= 1 max 5 when BANT.budget { a +1 }
total max 5 when fit > 2
exclude BANT.budget
freeze was customer or previous.fit > 5
was SQL and previous.score > 5 +1
stage = SQL and score > 2 and fit > 2 and CHAMP >= 1 -> hot
---
a -> SQL
stage = SLQ -> hot  #~ LR139
stage in [SQL, hot] -> hot  #~ LR139
stage >= sql -> hot  #~ LR139
was SLQ -> warm  #~ LR139
dimension grade: C < B < A
classify grade { x > 1 -> A; x > 0 -> D }  #~ LR139
grade = D -> cold
combine tier = grade, stage
tier = ASLQ -> cold  #~ LR139
tier = 1 -> cold  #~ LR139
---
#! LR139
a -> SQL
stage = SQL -> hot
stage = customer -> hot
was SQL -> hot
dimension grade: C < B < A
classify grade { x > 1 -> A; x > 0 -> B }
grade in [B, C] -> cold
combine tier = grade, stage
tier = ASQL -> cold
classify level { x > 1 -> 1; x > 0 -> 2 }
level = 1 or level = "2" -> cold
---
classify grade { x > 1 -> A; otherwise -> B }
grade >= B -> SQL  #~ LR140
dimension grade never falls  #~ LR140
stage > disqualified -> hot  #~ LR140
dimension heat: mild < boiling < mild  #~ LR140
b -> mild
combine tier = grade, heat
tier > Amild -> cold  #~ LR140
---
#! LR140
dimension grade: B < A, none
classify grade { x > 1 -> A; otherwise -> B }
grade >= B -> SQL
dimension grade never falls
stage > contact or stage missing -> hot
---
dimension heat: cold < mild
a -> cold  #~ LR141
b -> mild
---
classify a { x > 1 -> yes }
classify b { x > 2 -> yes }
was yes +1  #~ LR141
---
#! LR141
dimension heat: icy < mild
y -> cold
z -> mild
classify a { x > 1 -> cold }
was icy +1
---
max(budget) > 5 +1  #~ LR142
abs(budget, 5) > 5 +1  #~ LR142
domain(email, x) = y +1  #~ LR142
a +(min(5)) "x"  #~ LR142
---
#! LR142
max(budget, 5) > 5 +1
min(budget, 5, seats) > 5 +1
abs(budget) > 5 +1
a +(round(budget / 3) + floor(2.5) - ceil(seats))
---
a followed by b within 1mo +1  #~ LR143
a not followed by b within 1y +1  #~ LR143
a followed by b within 0d +1  #~ LR143
each a spaced 1mo +1  #~ LR143
a +1 half-life 6mo  #~ LR143
a +1 fades over 36h  #~ LR143
a +1 expires after 0d  #~ LR143
a +1 decays 25% every 4000d  #~ LR143
score fit half-life 1y { a +1 }  #~ LR143
---
#! LR143
a followed by b within 48h +1
a followed by b +1
each a spaced 7d +1
a +1 half-life 48h
a +1 fades over 48h
a +1 expires after 3650d
no a for 6mo since b +1
---
a +1 decays 0.05% every 7d  #~ LR144
a +1 loses 250% every 7d  #~ LR144
a +1 loses 12.345% every 7d  #~ LR144
a +1 loses 0 every 7d  #~ LR144
---
#! LR144
a +1 decays 0.1% every 7d
a +1 loses 100% every 7d
a +1 loses 12.34% every 7d
a +1 loses 250 every 7d
---
budget > 5 +1 half-life 30d  #~ LR145
no a for 3d +1 fades over 30d  #~ LR145
at most 2 a +1 half-life 30d  #~ LR145
not a +1 half-life 30d  #~ LR145
---
#! LR145
budget > 5 +1 half-life 30d since last a
budget > 5 and a +1 half-life 30d
at least 2 a +1 half-life 30d
days since last a > 5 +1 half-life 30d
score fit half-life 30d { budget > 5 +1; a +1 }
---
each a at most 0 +1  #~ LR146
each a at most 0 per day +1  #~ LR146
---
#! LR146
each a at most 1 +1
each a at most 1 per day at most 2 per week at most 9 +1
---
score fit { a +1 }
define score = (fit * 0.5 + budget)  #~ LR147
---
score fit { a +1 }
define score = (fit / 0)  #~ LR147
---
score fit { a +1 }
define score = (fit + count of a)  #~ LR147
---
score fit { a +1 }
define half = (1 / fit)
define score = (half + 1)  #~ LR147
---
#! LR147
score fit { a +1 }
score rest { a +1 }
define half = (fit / 2)
define score = (max(half, rest) - 0.5 * fit + 3)
---
score fit { a +1 }
define score = (fit * 0.5)
a +1  #~ LR148
group "x" { a +1 }  #~ LR148
---
#! LR148
score fit { a +1; group "x" { a +1 } }
define score = (fit * 0.5)
---
#! LR148
score fit { a +1 }
a +1
---
dimension a: a0 < a1 < a2 < a3 < a4 < a5 < a6 < a7 < a8 < a9
x > 1 -> a0
combine big = a, a, a, a
combine bigger = big, a  #~ LR149
---
#! LR149
dimension a: a0 < a1 < a2 < a3 < a4 < a5 < a6 < a7 < a8 < a9
x > 1 -> a0
combine big = a, a, a, a
---
score fit { a +1 }
classify grade unique { fit >= 4 -> A; fit >= 2 -> B; otherwise -> C }  #~ LR150
classify land unique {
  country in [FR, BE] -> near
  country = be -> far  #~ LR150
}
---
#! LR150
score fit { a +1 }
classify grade unique { fit >= 4 -> A; fit in 2..<4 -> B; fit < 2 -> C; otherwise -> D }
classify land unique { country in [FR, BE] -> near; country = be -> near; size = 5 -> far }
classify open { fit >= 4 -> A; fit >= 2 -> B }
classify whole unique { count of a > 3 -> many; count of a < 4 -> few }
---
list words = file "long.txt"  #~ LR151
include "large.rules"  #~ LR151
a +1
---
#! LR151
list words = file "words.txt"
x in words +1
---
a -> SQL
stage != SQL -> hot  #~ LR201
not stage >= MQL -> cold  #~ LR201
previous.score != 5 -> warm
checklist BANT { budget: title != ceo }
exclude title != ceo  #~ LR201
score fit when title != ceo { a +1 }  #~ LR201
---
#! LR201
a -> SQL
otherwise -> lead
stage != SQL -> hot
not stage >= MQL -> cold
classify grade { b -> A; otherwise -> B }
combine both = stage, grade
both != SQLA -> warm
---
demo_request +1
demo_request followed by demo_requst +1  #~ LR202
sum of amount in purchase > 5 +1
no purchase for 5d since purchas +1  #~ LR202
purchase within 3d +1 half-life 5d since last demo_request
---
#! LR202
demo_request +1
demo_request followed by webinar +1
---
band days since last reply { 0..7 +5; 8..30 +2 }  #~ LR204
band count of reply { 0 +0; 1..5 +5; 7.. +2 }  #~ LR204
band budget { ..5 +1; 6..9 +2; 20.. +3 }  #~ LR204
---
use schema "sizes.json"
band size { small +1; Medium +2 }  #~ LR204
band size { [small, large] +1; missing +0 }  #~ LR204
---
#! LR204
use schema "sizes.json"
band size { small +1; medium +2; large +3 }
band size { small +1; medium +2; otherwise +0 }
band size { small +1 }
band other { small +1 }
---
#! LR204
band days since last reply { 0..<8 +5; 8..30 +2 }
band count of reply { 0 +0; 1..5 +5; 6.. +2 }
band company.employees { 1..49 +1; 50..249 +2; 250.. +3 }
band budget { 1..5 +1; 20.. +3; otherwise +0 }
band country { FR +1; BE +2 }
---
band budget {
  1..50 +1
  50..100 +2  #~ LR205
}
band country {
  [FR, BE] +1
  [be, LU] +2  #~ LR205
}
---
#! LR205
band budget { 1..<50 +1; 50..100 +2 }
band country { [FR, BE] +1; [LU, DE] +2 }
---
band budget {
  otherwise +0
  5..9 +1  #~ LR131
}
band size {
  1..9 +1
  3..4 +1  #~ LR131
  otherwise +0
  missing +1
  otherwise +1  #~ LR131
}
band count of a {
  0..9 +1
  missing +1  #~ LR131
}
---
#! LR131
band budget { 5..9 +1; 3..<5 +2; otherwise +0; missing +1 }
---
each a at most 2 +10 max 30  #~ LR132
each a at most 2 -10 min -30  #~ LR132
a +10 max 20 when b  #~ LR132
a +10 max 20 half-life 5d  #~ LR132
group "g" max 30 { a +10; b +15 }  #~ LR132
group "g" max 30 { first of { a +10; b +20 }; c +5 }  #~ LR132
group "g" min -30 { a -10 }  #~ LR132
---
#! LR132
each a at most 2 +10 max 15
each a at most 2 at most 1 per day -10 min -15
a +10 max 5 when b
a +10 min 5 half-life 5d
a +(c) max 5
a +(c) min 5
group "g" max 30 { each a +10; b +15 }
group "g" max 20 { first of { a +10; b +20 }; b +5 }
group "g" max 30 { a +(budget) }
group "g" max 30 { a +10 min 40 when b }
---
each a +1 max 5 max 6  #~ LR107
each a at most 3 at most 4 +1  #~ LR107
each a at most 3 per day at most 4 per day +1  #~ LR107
each a spaced 3d spaced 4d +1  #~ LR107
band x { missing +1; missing +2 }  #~ LR107
total max 5
total max 6  #~ LR107
dimension stage never falls
dimension stage never falls until b  #~ LR107
b -> SQL
---
#! LR107
each a +1 max 5 max 6 when b max 4 when c
total max 5
total max 6 when b
total min 0
---
classify a { b = X -> Y }
classify b { a = Y -> X }  #~ LR109
stage = SQL -> MQL  #~ LR109
combine c = d, a
combine d = c, b  #~ LR109
define n = (n + 1)  #~ LR109
n > 5 -> hot
checklist BANT { budget: BANT.budget }  #~ LR109
score fit { x +1 }
define score = (score + fit)  #~ LR109
---
#! LR109
classify a { x = X -> Y }
classify b { a = Y -> X }
stage = SQL -> hot
x = X -> SQL
combine c = a, b
combine d = c, a
---
define ratio = (budget / seats)
checklist BANT { budget: budget > 5 }
a -> SQL
ratio +1  #~ LR110
BANT +1  #~ LR110
BANT.budget > 5 +1  #~ LR110
stage within 3d +1  #~ LR110
stage > 5 -> hot  #~ LR139
(stage + 5) > 5 -> hot  #~ LR110
previous.fit > 5 +1  #~ LR110
---
define ratio = (budget / seats)
define ratio = a  #~ LR105
checklist ratio { a: b }  #~ LR105
dimension ratio: a < b  #~ LR105
combine ratio = stage, temperature  #~ LR105
checklist BANT { a: b; a: c }  #~ LR105
dimension grade: B < A
dimension grade: A < B  #~ LR105
classify grade { x > 1 -> A }
score fit { c +1 }
define score = (fit)
define score = (fit + 1)  #~ LR105
ratio > 5 -> SQL
---
classify excluded { a -> x }  #~ LR106
combine frozen = stage, temperature  #~ LR106
checklist conflicts { a: b }  #~ LR106
define checklists = (5 + 1)  #~ LR106
score total { a +1 }  #~ LR106
dimension stage: a < b  #~ LR106
a +1
---
#! LR106
define reason = (5 + 1)
checklist fits { a: b }
reason > 5 +1
---
checklist BANT { budget: budget > 5 }
BANT.bugdet +1  #~ LR104
BNAT complete +1  #~ LR104
dimension grad never falls  #~ LR104
combine tier = stage, grade  #~ LR104
a -> SQL
---
checklist BANT { budget: budget > 5 }
BANT.budget within 3d +1  #~ LR119
BANT.budget where x = 5 +1  #~ LR119
---
checklist BANT { }  #~ LR135
a +1
---
#! LR135
checklist BANT { budget: budget > 5 }
---
(x + 5) > 5 +1
x = abc +1  #~ LR112
sum of amount in purchase > 5 +1
purchase where amount = abc +1  #~ LR112
---
a = field b +1
b = field c +1
c > 5 +1  #~ LR112
a = abc +1
---
#! LR112
distinct plan in purchase > 5 +1
purchase where plan = 5 +1
a = field b +1
b = field c +1
c = abc +1
"""


def chain(length: int) -> list[str]:
    """Definitions that use each other, one inside the other."""
    links = [f"define d{n} = d{n + 1} and budget > {n}" for n in range(length - 1)]
    return [*links, f"define d{length - 1} = budget > 5"]


TOO_DEEP = chain(33)
TOO_DEEP[31] += "  #~ LR125"
MISTAKES += "\n".join(["---", *TOO_DEEP, "d0 +1", "---", "#! LR125", *chain(32), "d0 +1", ""])


def ladder(length: int) -> list[str]:
    """Dimensions that ask for each other, one behind the other."""
    steps = [f"classify d{n} {{ d{n + 1} = A -> A }}" for n in range(length - 1)]
    return [*steps, f"classify d{length - 1} {{ a -> A }}"]


TOO_LONG = ladder(33)
TOO_LONG[0] += "  #~ LR125"
MISTAKES += "\n".join(["---", *TOO_LONG, "---", "#! LR125", *ladder(32), ""])

TOO_MANY = ["a +1"] * 4998 + ["band x { 1 +1 }", "b +1  #~ LR152"]
MISTAKES += "\n".join(["---", *TOO_MANY, "---", "#! LR152", *TOO_MANY[:-1], ""])

CHUNKS = MISTAKES.removeprefix("\n").split("---\n")
# What no rule text can provoke, because the reader of the text says it first: LR039.
SAID_BEFORE = {"LR118"}
# What `check` says of the comments that excuse a finding; tests/test_excuses.py provokes it.
SAID_OF_EXCUSES = {"LR210", "LR211", "LR212"}


@pytest.mark.parametrize("chunk", CHUNKS)
def test_mistakes_are_found_where_they_are(chunk: str) -> None:
    """The codes of each line, and nothing else."""
    expected = [
        (number, code)
        for number, line in enumerate(chunk.splitlines(), 1)
        for code in re.findall(r"LR\d+", line.partition("#~")[2])
    ]
    program, found = findings(chunk, FILES)
    place = [(f.source.place(f.span.start)[0], f.code) for f in found]
    assert place == expected
    assert (program is None) == any(f.is_error for f in found)


def test_every_code_is_provoked_and_nearly_provoked() -> None:
    provoked = set(re.findall(r"#~ (LR\d+)", MISTAKES))
    near = set(re.findall(r"^#! (LR\d+)$", MISTAKES, re.MULTILINE))
    assert provoked == set(CODES) - SAID_BEFORE - SAID_OF_EXCUSES
    assert near == provoked
    for chunk in CHUNKS:
        assert ("#! " in chunk) != ("#~ " in chunk)


@pytest.mark.parametrize("text", ["x in 50..10 +1", "x in [1, 10..<10] +1"])
def test_an_empty_range_is_found_by_the_reader(text: str) -> None:
    assert [finding.code for finding in findings(text)[1]] == ["LR039"]


def test_messages_are_one_line_in_plain_words() -> None:
    seen = 0
    for chunk in CHUNKS:
        for finding in findings(chunk, FILES)[1]:
            seen += 1
            assert finding.message
            for text in (finding.message, finding.help or "", *(n.message for n in finding.notes)):
                assert "\n" not in text
                assert not re.search(r"\bNone\b|Traceback|object at 0x|leadrules\.", text), text
    assert seen > 100


# --- suggestions -----------------------------------------------------------------------

SUGGESTIONS = [
    ('use schema "lead.json"\nbudgett > 1 +1', "did you mean `budget`?"),
    ('use schema "lead.json"\nBudget > 1 +1', "did you mean `budget`?"),
    ('use schema "lead.json"\nbduget > 1 +1', "did you mean `budget`?"),
    ('use schema "lead.json"\nturnover > 1 +1', None),
    (
        'use schema "lead.json"\nscore reach { reply +1 }\nraech >= 5 -> SQL',
        "did you mean `reach`?",
    ),
    (
        'use schema "lead.json"\nchecklist BANT { need: reply }\nbant >= 5 -> SQL',
        "did you mean `BANT`?",
    ),
    ('use schema "lead.json"\ndemo_requset +1', "did you mean `demo_request`?"),
    ('use schema "lead.json"\nwebinar +1', None),
    ('use schema "lead.json"\nindustry = Retial +1', "did you mean `Retail`?"),
    ('use schema "lead.json"\nindustry = Banking +1', None),
    ("a -> MLQ", "did you mean `MQL`?"),
    ("a -> sql", "did you mean `SQL`?"),
    ("a -> purple", None),
    ("lenght(x) > 5 +1", "did you mean `length`?"),
    ("size(x) > 5 +1", None),
    ("list free_mail = [a]\nx in free_mial +1", "did you mean `free_mail`?"),
    ("list free_mail = [a]\nx in competitors +1", None),
]


@pytest.mark.parametrize(("rules", "suggestion"), SUGGESTIONS)
def test_suggestions_are_made_only_when_close(rules: str, suggestion: str | None) -> None:
    program, found = findings(rules, FILES)
    assert program is None
    (finding,) = found
    if suggestion is None:
        assert "did you mean" not in (finding.help or "")
    else:
        assert finding.help == suggestion


REPAIRS = [
    "a +10 max 20",
    "budget = exactly 5 +1",
    "vip >= true +1",
    "country = FR or DE +1",
]


@pytest.mark.parametrize("rules", REPAIRS)
def test_what_the_help_proposes_works(rules: str) -> None:
    """Where a help line holds a whole rule or condition, that is accepted."""
    (finding,) = findings(rules)[1]
    proposed = re.findall(r"`([^`]*)`", finding.help or "")
    assert proposed
    for text in proposed:
        again = findings(text if "+" in text else f"{text} +1")[1]
        assert [other.message for other in again] == []


@pytest.mark.parametrize(
    ("rule", "proposed"),
    [
        ("count(purchase) > 2 +5", "count of purchase > 2 +5"),
        ("sum(amount) > 100 +5", "sum of amount in purchase > 100 +5"),
        ("average(order.amount) > 100 +5", "average of amount in order > 100 +5"),
        ("BANT = complete -> SQL", "BANT complete -> SQL"),
        ("BANT != complete -> SQL", "not BANT complete -> SQL"),
    ],
)
def test_what_is_told_in_other_words(rule: str, proposed: str) -> None:
    checklist = "checklist BANT { budget: budget > 5 }\n"
    (finding,) = findings(checklist + rule)[1]
    assert f"`{re.split(' [->]', proposed)[0]}`" in (finding.help or "")
    assert findings(checklist + proposed)[1] == []


@pytest.mark.parametrize("rules", ["at least 1 title +1", "each budget +1"])
def test_a_field_of_the_schema_is_not_called_unknown(rules: str) -> None:
    (finding,) = findings(f'use schema "lead.json"\n{rules}', FILES)[1]
    assert finding.code == "LR110"


@pytest.mark.parametrize("values", ["[50..10]", "[5, ", "[5 6]", "", 'files "a.txt"'])
def test_a_mistake_in_a_list_is_no_mistake_where_it_is_used(values: str) -> None:
    _, found = findings(f"list sizes = {values}\nemployees in sizes +1")
    assert len(found) == 1
    assert found[0].span.start < found[0].source.text.index("employees")


def test_a_mistake_in_an_item_does_not_leave_the_checklist_empty() -> None:
    _, found = findings("checklist BANT {\n  budget: budget >=\n}\nBANT >= 2 -> SQL")
    assert [finding.code for finding in found] == ["LR035"]


@pytest.mark.parametrize(
    ("rule", "proposed"),
    [
        ("fit < engagement -> hot", "(fit - engagement) < 0 -> hot"),
        ("fit != previous.fit -> hot", "(fit - previous.fit) != 0 -> hot"),
        ("(count of a) >= fit -> hot", "(count of a - fit) >= 0 -> hot"),
        ("(x / 2) = fit -> hot", "((x / 2) - fit) = 0 -> hot"),
        ("fit > turnover -> hot", "fit > field turnover -> hot"),
    ],
)
def test_two_numbers_can_be_compared(rule: str, proposed: str) -> None:
    blocks = "score fit { a +1 }; score engagement { b +1 }\n"
    (finding,) = findings(blocks + rule)[1]
    assert finding.help is not None
    assert f"`{proposed.removesuffix(' -> hot')}`" in finding.help
    assert findings(blocks + proposed)[1] == []


def test_a_long_chain_of_definitions() -> None:
    """To be compiled or to be refused, but not to fail."""
    chain = [f"define d{i} = d{i + 1} and budget > {i}" for i in range(400)]
    findings("\n".join([*chain, "define d400 = budget > 5", "d0 +1"]))


# --- one file, many mistakes -------------------------------------------------------------

FIFTEEN = """\
timezone "Europe/Pariss"            #~ LR108
use schema "lead.json"
list mixed = [a, b]
define vip = title = ceo
define vip = budget > 5             #~ LR105

score fit max 20 {
  budgett > 5            +5         #~ LR104
  title > 5              +5         #~ LR111
  industry = Banking     +5         #~ LR113
  budget > 5 and         +5         #~ LR045
  demo_request           +10 max 20 #~ LR132
  page_view where urll contains "x" +5  #~ LR104
  size(title) > 5        +5         #~ LR114
  title matches /(/      +5         #~ LR115
  title = ""             +5         #~ LR116
  vip                    +5
}

score >= 10              +5         #~ LR121
title in mixd            +5         #~ LR104
vip within 30d           +5         #~ LR119
demo_request             -> SQLL    #~ LR130
otherwise                -> lead
"""


def test_fifteen_mistakes_are_fifteen_findings() -> None:
    expected = [
        (number, line.partition("#~ ")[2])
        for number, line in enumerate(FIFTEEN.splitlines(), 1)
        if "#~" in line
    ]
    assert len(expected) == 15
    _, found = findings(FIFTEEN, FILES)
    assert [(f.source.place(f.span.start)[0], f.code) for f in found] == expected


@pytest.mark.parametrize("without", range(15))
def test_a_mended_line_takes_its_finding_away_and_no_other(without: int) -> None:
    """Mistakes do not hide each other: leaving out a line leaves the rest as they were."""
    lines = FIFTEEN.splitlines()
    marked = [number for number, line in enumerate(lines) if "#~" in line]
    del lines[marked[without]]
    _, found = findings("\n".join(lines), FILES)
    expected = Counter(line.partition("#~ ")[2] for line in lines if "#~" in line)
    assert Counter(finding.code for finding in found) == expected


# --- the command -------------------------------------------------------------------------


def check(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["check", *arguments], input=stdin, catch_exceptions=False)


def leave(*arguments: str, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, where exit codes are what the caller gets."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "leadrules", "check", *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env=environment,
    )


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.rules").write_text(text, encoding="utf-8")


def test_a_good_file(tmp_path: Path) -> None:
    write(tmp_path, good="a +1\n")
    done = leave("good.rules", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"checked 1 file: no mistakes\n"


def test_one_file_named_in_several_ways_is_one(tmp_path: Path) -> None:
    rules = tmp_path / "a.rules"
    rules.write_text("budget >= 10\n", encoding="utf-8")
    again = f"{tmp_path}/./a.rules"
    result = check(str(rules), again, str(tmp_path))
    assert result.stderr.startswith("checked 1 file: 1 error")
    assert result.stdout.count("error[") == 1


def test_an_error_is_drawn_under_the_place(tmp_path: Path) -> None:
    write(tmp_path, bad="# rules\nbudget > 5  +5\n\ta -> SQLL\n")
    done = leave("bad.rules", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.decode() == (
        "error[LR130]: `SQLL` is no stage and no temperature\n"
        "  --> bad.rules:3:7\n"
        "   |\n"
        " 3 |     a -> SQLL\n"
        "   |          ^^^^\n"
        "   = help: did you mean `SQL`?\n"
    )
    assert done.stderr == b"checked 1 file: 1 error; `leadrules rule LR130` says more\n"


def test_carets_stand_under_wide_letters(tmp_path: Path) -> None:
    write(tmp_path, wide='city = "東京" or e\u0301tat = "x" -> SQLL\n')
    out = leave("wide.rules", cwd=tmp_path).stdout.decode()
    shown = "   | " + " " * 31 + "^^^^"
    assert shown in out.splitlines()


def test_a_second_place_is_drawn_too(tmp_path: Path) -> None:
    write(tmp_path, twice="define vip = a\n\ndefine vip = b\nvip +1\n")
    out = leave("twice.rules", cwd=tmp_path).stdout.decode()
    assert "  --> twice.rules:3:8\n" in out
    assert "  ::: twice.rules:1:8\n" in out
    assert "   |        --- declared here\n" in out


def test_warnings_alone_are_no_failure(tmp_path: Path) -> None:
    write(tmp_path, warned="title != ceo +1\n")
    done = leave("warned.rules", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(b"warning[LR201]: ")
    assert done.stderr == b"checked 1 file: 1 warning; `leadrules rule LR201` says more\n"


def test_quiet_says_errors_only(tmp_path: Path) -> None:
    write(tmp_path, both="title != ceo +1\na -> SQLL\n")
    done = leave("-q", "both.rules", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.count(b"[LR") == 1


def test_standard_input(tmp_path: Path) -> None:
    assert leave("-", cwd=tmp_path, stdin=b"\xef\xbb\xbfa +1\n").returncode == 0
    done = leave("-", cwd=tmp_path, stdin="é -> SQLL\n".encode())
    assert done.returncode == 1
    assert b"  --> -:1:6\n" in done.stdout


def test_standard_input_may_include(tmp_path: Path) -> None:
    write(tmp_path, words="list words = [x]\n")
    rules = b'include "words.rules"\ny in words +1\n'
    assert leave("-", cwd=tmp_path, stdin=rules).returncode == 0


def test_a_folder_is_all_rule_files_below_it(tmp_path: Path) -> None:
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    write(tmp_path, one="a -> SQLL\n")
    write(tmp_path / "deep" / "deeper", two="a -> SLQ\n")
    (tmp_path / "notes.txt").write_text("not rules")
    for arguments in ((), (".",), ("deep", "one.rules"), ("one.rules", ".", "one.rules")):
        done = leave(*arguments, cwd=tmp_path)
        assert done.returncode == 1
        assert done.stderr == b"checked 2 files: 2 errors; `leadrules rule LR130` says more\n"
        assert done.stdout.count(b"one.rules:1:6") == 1
        assert done.stdout.count(b"deep/deeper/two.rules:1:6") == 1


def test_an_included_file_is_checked_as_a_part_only(tmp_path: Path) -> None:
    """By itself `part.rules` would lack the list."""
    write(tmp_path, root='list words = [x]\ninclude "part.rules"\n', part="y in words +1\n")
    assert leave(".", cwd=tmp_path).returncode == 0
    assert leave("part.rules", cwd=tmp_path).returncode == 1


def test_a_mistake_in_an_included_file_is_said_once(tmp_path: Path) -> None:
    write(tmp_path, part="a -> SQLL\n", one='include "part.rules"\n', two='include "part.rules"\n')
    done = leave(".", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.count(b"part.rules:1:6") == 1
    assert done.stderr == b"checked 3 files: 1 error; `leadrules rule LR130` says more\n"


def test_files_are_named_as_seen_from_here(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    write(tmp_path / "rules", root='include "part.rules"\n', part="a -> SQLL\n")
    assert b"--> rules/part.rules:1:6" in leave("rules/root.rules", cwd=tmp_path).stdout


# --- rules from a stranger's pull request ------------------------------------------------


@pytest.mark.parametrize("mark", [".git", "leadrules.yaml"])
def test_rules_may_name_files_of_their_repository(tmp_path: Path, mark: str) -> None:
    deep = tmp_path / "repository" / "rules" / "inbound"
    deep.mkdir(parents=True)
    (tmp_path / "repository" / mark).mkdir()
    write(tmp_path / "repository", shared="list words = [x]\n")
    write(deep, root='include "../../shared.rules"\ny in words +1\n')
    assert leave("root.rules", cwd=deep).returncode == 0
    assert leave("repository/rules/inbound/root.rules", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    "rules",
    [
        'include "../secret.rules"',
        'list words = file "../secret.rules"',
        'use schema "../secret.rules"',
        'include "inside/../../secret.rules"',
        'include "link.rules"',
        'list words = file "linked/secret.rules"',
        'include "{outside}/secret.rules"',
        'include "../nowhere.rules"',
    ],
)
def test_rules_cannot_read_what_lies_outside(tmp_path: Path, rules: str) -> None:
    """Nothing of such a file is shown, not even whether it is there."""
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    write(tmp_path, secret="password = hunter2\n")
    (folder / "link.rules").symlink_to(tmp_path / "secret.rules")
    (folder / "linked").symlink_to(tmp_path)
    write(folder, root=rules.replace("{outside}", str(tmp_path)) + "\na +1\n")
    done = leave("root.rules", cwd=folder)
    assert done.returncode == 1
    assert done.stdout.startswith(b"error[LR136]: ")
    assert done.stdout.count(b"error[") == 1
    assert b"hunter2" not in done.stdout + done.stderr


def test_without_a_repository_rules_name_files_of_their_own_folder(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    write(tmp_path, shared="list words = [x]\n")
    write(tmp_path / "rules", root='include "../shared.rules"\na +1\n')
    assert b"LR136" in leave("rules/root.rules", cwd=tmp_path).stdout


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(2**40)
    write(tmp_path, root='list words = file "huge.txt"\na +1\n')
    assert b"error[LR151]" in leave("root.rules", cwd=tmp_path).stdout


def test_files_that_are_too_large_together_are_not_read(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_bytes(b"#" * 4_900_000)
    lists = "".join(f'list l{number} = file "{number}.txt"\n' for number in range(5))
    write(tmp_path, root=lists + "a +1\n")
    assert leave("root.rules", cwd=tmp_path).stdout.count(b"error[LR151]") == 1


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([f"define d{n} = d{n + 1} and d{n + 1}" for n in range(31)], "LR125"),
        ([f"define d{n} = (d{n + 1} + d{n + 1})" for n in range(31)], "LR125"),
        ([f"signal d{n} = any of [d{n + 1}, d{n + 1}]" for n in range(31)], "LR125"),
        (
            [f"define d{n} = not ({'not (' * 20}d{n + 1}{')' * 20})" for n in range(31)],
            "LR125",
        ),
        ([f"x{n} in words +1" for n in range(12)], "LR125"),
        ([f'list l{n} = file "most.txt"' for n in range(6)], "LR151"),
        ([f"d -> SQLX{n}" for n in range(300)], "LR130"),
        ([f'include "{n}.rules"' for n in range(201)], "LR151"),
    ],
)
def test_a_few_lines_do_not_make_a_giant(rules: list[str], code: str) -> None:
    most = "".join(f"x{n}\n" for n in range(100_000))
    files = {f"{n}.rules": "" for n in range(201)} | {"most.txt": most}
    lists = ['list words = file "most.txt"'] if "words" in rules[0] else []
    _, found = findings("\n".join([*lists, *rules, "a +1"]), files)
    assert {finding.code for finding in found if finding.is_error} == {code}
    assert len(found) <= 200


def test_a_schema_of_few_lines_does_not_make_a_giant() -> None:
    properties = {f"p{n}": {"$ref": "#/$defs/x"} for n in range(10)}
    schema = {"$defs": {"x": {"properties": properties}}, **{"properties": properties}}
    _, found = findings('use schema "s.json"\na +1', {"s.json": json.dumps(schema)})
    assert [finding.code for finding in found] == ["LR103"]
    assert "more than 10_000 fields" in found[0].message


def test_rule_files_that_include_each_other(tmp_path: Path) -> None:
    write(tmp_path, one='include "two.rules"\n', two='include "one.rules"\n')
    done = leave(".", cwd=tmp_path)
    assert done.returncode == 1
    assert b"LR102" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nowhere.rules",), 3, b"cannot read nowhere.rules: no such file or directory\n"),
        (("latin.rules",), 3, b"cannot read latin.rules: it is not UTF-8 text\n"),
        (("empty",), 2, b"there are no rule files (*.rules) to look at below empty\n"),
        (("--nothing",), 2, b"No such option"),
        (("--color", "pink", "good.rules"), 2, b"pink"),
        (("empty.rules",), 1, b"checked 1 file: 1 error; `leadrules rule LR135` says more\n"),
    ],
)
def test_what_cannot_be_checked(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: bytes
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin.rules").write_bytes(b"x = \xe9 +1\n")
    (tmp_path / "empty.rules").write_bytes(b"")
    done = leave(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


def test_standard_input_that_is_no_text(tmp_path: Path) -> None:
    done = leave("-", cwd=tmp_path, stdin=b'x = "\xe9" +1\n')
    assert done.returncode == 3
    assert done.stderr == b"cannot read -: it is not UTF-8 text\n"


def test_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "windows.rules"
    path.write_bytes(b"\xef\xbb\xbfa +1\r\nb -> SQLL\r\n")
    out = check(str(path)).stdout
    assert "windows.rules:2:6\n" in out
    assert "\r" not in out


def test_colours_only_where_wanted(tmp_path: Path) -> None:
    write(tmp_path, bad="a -> SQLL\n")
    bad = str(tmp_path / "bad.rules")
    assert "\x1b[" not in check(bad).stdout
    assert "\x1b[" in check(bad, "--color", "always").stdout
    runner = CliRunner(env={"FORCE_COLOR": "1"})
    assert "\x1b[" in runner.invoke(cli, ["check", bad], color=True).stdout
    runner = CliRunner(env={"FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert "\x1b[" not in runner.invoke(cli, ["check", bad], color=True).stdout
    runner = CliRunner(env={"FORCE_COLOR": "1", "TERM": "dumb"})
    assert "\x1b[" in runner.invoke(cli, ["check", bad], color=True).stdout


@pytest.mark.parametrize(
    ("environment", "colored"), [({}, True), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1"}, False)]
)
def test_colours_in_a_terminal(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colored: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    master, slave = os.openpty()
    with open(slave, "w", encoding="utf-8") as terminal:
        assert wants_color("auto", terminal) == colored
    os.close(master)


def test_a_rule_text_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "escape.rules"
    path.write_bytes(b"a -> \x1b[31mSQLL\x1b]0;title\x07\n")
    done = leave("escape.rules", cwd=tmp_path)
    assert done.returncode == 1
    assert b"\x1b" not in done.stdout
    assert b"\x07" not in done.stdout


def test_the_rulesets_that_ship_have_no_mistakes() -> None:
    done = leave("rulesets", cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"no mistakes" in done.stderr


def test_the_one_line_of_the_reference_needs_nothing(tmp_path: Path) -> None:
    write(tmp_path, quick="demo_request +40; score>=60 -> SQL; no_reply 30d -> cold\n")
    assert leave(cwd=tmp_path).returncode == 0
