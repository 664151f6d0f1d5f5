-- Finds people who are in the CRM twice, and companies with several people in it.
--
-- Rules see one lead at a time, so this is done before scoring, with DuckDB, in the folder of
-- the leads:  duckdb -csv < duplicates.sql
-- What comes out is filled into `duplicate_of` and `company.open_leads`.

with lead as (
  select
    id,
    created_at,
    lower(trim(email)) as person,
    -- What tells a company: its domain, else its register number.
    coalesce(lower(company.domain), company.siren, left(company.siret, 9)) as company
  from read_json(
    'leads.jsonl',
    columns = {
      id: 'varchar',
      email: 'varchar',
      created_at: 'timestamptz',
      company: 'struct(siren varchar, siret varchar, "domain" varchar)'
    }
  )
),

-- Of the records of one person the oldest stays.
kept as (
  select *, first_value(id) over (partition by coalesce(person, id) order by created_at, id) as original
  from lead
)

select
  id,
  case when original <> id then original end as duplicate_of,
  case
    when original = id and company is not null
    then count(*) filter (original = id) over (partition by company) - 1
  end as open_leads
from kept
order by id;
