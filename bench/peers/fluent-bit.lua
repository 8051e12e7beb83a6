-- Rows become events: a filter of Fluent Bit, which has no parser of CSV. `columns`, `copied` and `labels` stand in front.

local byte, find, sub, gsub, concat = string.byte, string.find, string.sub, string.gsub, table.concat
local QUOTE = 34

-- Fields by the names of their columns, unquoted; of a row with others, what there is.
local function fields_of(row)
  local fields, at = {}, 1
  for index = 1, #columns do
    if byte(row, at) == QUOTE then
      local stop = find(row, '"', at + 1, true)
      while stop and byte(row, stop + 1) == QUOTE do stop = find(row, '"', stop + 2, true) end
      stop = stop or #row + 1
      local text = sub(row, at + 1, stop - 1)
      fields[columns[index]] = find(text, '"', 1, true) and gsub(text, '""', '"') or text
      at = stop + 2
    else
      local comma = find(row, ',', at, true) or #row + 1
      fields[columns[index]] = sub(row, at, comma - 1)
      at = comma + 1
    end
  end
  return fields
end

local day, day_seconds = '', 0

-- Seconds since 1970 of `2026-11-20T14:00:00.000Z`; the calendar is asked once a day.
local function seconds_of(time)
  local date = sub(time, 1, 10)
  if date ~= day then
    local year, month, number = tonumber(sub(date, 1, 4)), tonumber(sub(date, 6, 7)), tonumber(sub(date, 9, 10))
    local past = month <= 2 and year - 1 or year
    local days = math.floor((153 * (month + (month > 2 and -3 or 9)) + 2) / 5) + number - 1
    local era = math.floor(past / 400)
    local years = past - era * 400
    local in_era = years * 365 + math.floor(years / 4) - math.floor(years / 100) + days
    day, day_seconds = date, (era * 146097 + in_era - 719468) * 86400
  end
  return day_seconds + tonumber(sub(time, 12, 13)) * 3600 + tonumber(sub(time, 15, 16)) * 60 + tonumber(sub(time, 18, 23))
end

function to_cef(tag, timestamp, record)
  local row = record.log
  local first = byte(row, 1)
  if not first or first < 48 or first > 57 then return -1 end
  local fields = fields_of(row)
  local event, seconds = fields['event-id'], seconds_of(fields['date-time'])
  fields['date-time'] = string.format('%d', seconds * 1000 + 0.5)
  local parts = { 'CEF:0|Microsoft|Exchange Server|15.01|', event, '|', event, '|3|' }
  local count = #parts
  parts[count + 1], parts[count + 2] = event == 'RECEIVE' and ' in=' or ' out=', fields['total-bytes']
  count = count + 2
  for index = 1, #copied do
    local value = fields[copied[index].column]
    if value and value ~= '' then
      if find(value, '[\\=]') then value = gsub(value, '[\\=]', '\\%0') end
      parts[count + 1], parts[count + 2], parts[count + 3] = copied[index].prefix, value, copied[index].label
      count = count + 3
    end
  end
  return 1, seconds, { cef = concat(parts) }
end
