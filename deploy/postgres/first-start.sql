-- What PostgreSQL's image runs when its data folder is new: roles.sql with the passwords of the environment (psql 15 or later).
\getenv owner_password OWNER_PASSWORD
\getenv server_password SERVER_PASSWORD
\i /etc/concert/roles.sql
