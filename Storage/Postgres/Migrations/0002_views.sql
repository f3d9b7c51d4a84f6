-- Views for people who know SQL. Each folds the journal when it is asked, as the grains do, and costs a pass over it; the server itself
-- reads none of them. They tell what the journal has: where old rows were taken out of it, less.

-- The instant at which holds are looked at: a hold ends at its deadline, whether or not its lapse is in the journal yet.
create or replace function concert.now() returns timestamptz language sql stable as 'select current_timestamp';

create or replace view concert.reservations_now as
with told as (
    select
        "reservationId" as reservation_id,
        substr(stream, length('schedule/') + 1) as schedule_id,
        max("userId") filter (where what = 'SeatsHeld') as user_id,
        max(seats) filter (where what = 'SeatsHeld') as seats,
        max(amount) filter (where what = 'SeatsHeld') as amount,
        max(event.at) filter (where what = 'SeatsHeld') as held_at,
        max("expiresAt") filter (where what = 'SeatsHeld') as expires_at,
        bool_or(what = 'HoldConfirmed') as confirmed,
        bool_or(what = 'HoldReleased') as released,
        bool_or(what = 'HoldLapsed') as lapsed,
        bool_or(what = 'SeatsSold') as sold,
        bool_or(what = 'PaymentRefunded') as refunded,
        count(*) filter (where what = 'PaymentStarted') > count(*) filter (where what = 'PaymentAborted') as has_payment,
        (array_agg("paymentId" order by version desc) filter (where what = 'PaymentStarted'))[1] as newest_payment_id,
        max(event.at) filter (where what in ('HoldReleased', 'HoldLapsed', 'PaymentRefunded')) as ended_at
    from concert.journal
    cross join jsonb_to_record(text::jsonb) as event (
        what text, at timestamptz, "reservationId" text, "userId" text, seats text[], amount bigint, "expiresAt" timestamptz,
        "paymentId" text)
    where stream like 'schedule/%' and "reservationId" is not null
    group by stream, "reservationId"
), judged as (
    select
        *,
        case
            when refunded then 'REFUNDED'
            when sold then 'PAID'
            when released then 'CANCELLED'
            when lapsed then 'EXPIRED'
            when has_payment then 'PAYING'
            when expires_at <= concert.now() then 'EXPIRED'
            when confirmed then 'RESERVED'
            else 'HELD'
        end as status
    from told
)
select
    reservation_id,
    schedule_id,
    user_id,
    seats,
    amount,
    status,
    held_at,
    expires_at,
    case when has_payment then newest_payment_id end as payment_id,
    coalesce(ended_at, case when status = 'EXPIRED' then expires_at end) as ended_at
from judged;

comment on view concert.reservations_now is
    'Every reservation ever made. status: HELD, RESERVED (confirmed by its owner), PAYING, PAID, EXPIRED, CANCELLED, REFUNDED. A hold '
    'past expires_at is EXPIRED, one that is being paid for is not. payment_id: of the payment in flight or done, refunded or not. '
    'ended_at: when its seats were given back; of a lapse that is not in the journal yet, its deadline.';

create or replace view concert.seats_now as
with seats as (
    select
        substr(stream, length('schedule/') + 1) as schedule_id,
        format('%s-%s-%s', name, "row", number) as seat_id,
        name as section,
        "row",
        number,
        price
    from concert.streams
    join concert.journal using (stream)
    cross join jsonb_to_recordset(text::jsonb #> '{definition,sections}') as section (
        name text, rows int, "seatsPerRow" int, price bigint)
    cross join generate_series(0, rows * "seatsPerRow" - 1) as seat
    cross join lateral (values (seat / "seatsPerRow" + 1, seat % "seatsPerRow" + 1)) as place ("row", number)
    -- The first event of a schedule opens it.
    where stream like 'schedule/%' and version = 1
), taken as (
    select schedule_id, seat_id, status, reservation_id, user_id, expires_at
    from concert.reservations_now
    cross join unnest(seats) as seat_id
    where status in ('HELD', 'RESERVED', 'PAYING', 'PAID')
)
select
    schedule_id,
    seat_id,
    section,
    "row",
    number,
    price,
    case status when 'PAID' then 'SOLD' else coalesce(status, 'AVAILABLE') end as status,
    reservation_id,
    user_id,
    case when status <> 'PAID' then expires_at end as hold_expires_at
from seats
left join taken using (schedule_id, seat_id);

comment on view concert.seats_now is
    'Every seat of every schedule. status: AVAILABLE, HELD, RESERVED (held, and confirmed by its owner), PAYING, SOLD. A hold past its '
    'deadline is AVAILABLE, one that is being paid for is not. reservation_id and user_id: of who has it; hold_expires_at: while it is '
    'held, confirmed or being paid for.';

create or replace view concert.payments as
with told as (
    select
        stream,
        "reservationId" as reservation_id,
        max("paymentId") filter (where what = 'SeatsSold') as payment_id,
        max("userId") filter (where what = 'SeatsHeld') as user_id,
        max(amount) filter (where what = 'SeatsHeld') as amount,
        max(event.at) filter (where what = 'SeatsSold') as paid_at,
        max("refundedAt") filter (where what = 'PaymentRefunded') as refunded_at
    from concert.journal
    cross join jsonb_to_record(text::jsonb) as event (
        what text, at timestamptz, "reservationId" text, "userId" text, amount bigint, "paymentId" text, "refundedAt" timestamptz)
    where stream like 'schedule/%'
    group by stream, "reservationId"
), opened as (
    select stream, text::jsonb #>> '{definition,concertId}' as concert_id
    from concert.journal
    where stream like 'schedule/%' and version = 1
)
select
    payment_id,
    reservation_id,
    substr(stream, length('schedule/') + 1) as schedule_id,
    concert_id,
    user_id,
    amount,
    paid_at,
    refunded_at
from told
join opened using (stream)
where payment_id is not null;

comment on view concert.payments is
    'Every payment that was made: its seats were sold for it. One in flight is not here yet (reservations_now shows it as PAYING). '
    'refunded_at: since when the wallet has the money back, told once the seats are free as well.';

create or replace view concert.wallet_balances as
select
    substr(stream, length('wallet/') + 1) as user_id,
    (array_agg(balance order by version desc))[1] as balance,
    count(*) as entries,
    max(event.at) as changed_at
from concert.journal
cross join jsonb_to_record(text::jsonb) as event (what text, at timestamptz, balance bigint)
where stream like 'wallet/%' and what in ('Charged', 'Debited', 'Refunded')
group by stream;

comment on view concert.wallet_balances is
    'Every wallet that has an entry (a charge, a payment or a refund): its balance, how many entries it has, when the last was made. Who '
    'is not here has 0.';

create or replace view concert.queue_now as
with told as (
    select stream, version, event.*
    from concert.journal
    cross join jsonb_to_record(text::jsonb) as event (
        what text, at timestamptz, ticket bigint, "userId" text, through bigint, "expiresAt" timestamptz, status text, reason text)
    where stream like 'queue/%' and what in ('Joined', 'Admitted', 'Ended')
), admissions as (
    select *, lag(through, 1, 0::bigint) over (partition by stream order by version) as through_before
    from told
    where what = 'Admitted'
), by_ticket as (
    select stream, ticket, version, what, at, "userId", "expiresAt", status, reason
    from told
    where what in ('Joined', 'Ended')
    union all
    -- An admission speaks of every ticket behind those of the one before it; those that had ended by then stay as they are.
    select stream, admitted, version, what, at, null, "expiresAt", null, null
    from admissions
    cross join generate_series(through_before + 1, through) as admitted
), tokens as (
    select
        substr(stream, length('queue/') + 1) as queue_id,
        ticket,
        max("userId") as user_id,
        max(at) filter (where what = 'Joined') as issued_at,
        -- Once admitted it can end twice: a payment in flight makes DONE what had ended by its time. The last end counts.
        (array_agg(status order by version desc) filter (where what = 'Ended'))[1] as end_status,
        (array_agg(reason order by version desc) filter (where what = 'Ended'))[1] as reason,
        (array_agg(at order by version desc) filter (where what = 'Ended'))[1] as ended_at,
        (min(version) filter (where what = 'Ended') < min(version) filter (where what = 'Admitted')) is true as ended_waiting,
        max(at) filter (where what = 'Admitted') as admitted_at,
        max("expiresAt") as expires_at
    from by_ticket
    group by stream, ticket
), judged as (
    select *, coalesce(end_status, case when admitted_at is null then 'WAITING' else 'ACTIVE' end) as status
    from tokens
)
select
    queue_id,
    ticket,
    user_id,
    status,
    case when status = 'WAITING' then row_number() over (partition by queue_id, status order by ticket) end as position,
    issued_at,
    case when not ended_waiting then admitted_at end as activated_at,
    case when not ended_waiting then expires_at end as expires_at,
    ended_at,
    reason
from judged;

comment on view concert.queue_now is
    'Every token of every queue as the journal has it. status: WAITING, ACTIVE, DONE, EXPIRED, CANCELLED. position: from 1, of WAITING '
    'ones alone. When a token was last heard of, and most of the holds that keep one alive past expires_at, are in memory and not here: '
    'who idled or whose time is over is shown as before until the end is in the journal.';
