//! One suite for every engine: each function is a claim, [`conformance_suite!`](crate::conformance_suite) makes a test of each.
//!
//! Not here: what only one engine promises. Futures are run without a runtime, so an engine that needs one fails here.
#![expect(missing_docs, reason = "a case is documented by its name")]

pub mod bed;
pub mod calling;
pub mod counting;
pub mod data;
pub mod fields;
pub mod following;
pub mod progress;
pub mod questions;
pub mod random;
pub mod reading;
pub mod searching;
pub mod writing;

pub use bed::{Bed, MemoryBed, block_on};

/// Makes one test of each claim. `$bed` is an expression that gives a fresh [`Bed`] each time.
#[macro_export]
macro_rules! conformance_suite {
    ($bed:expr) => {
        $crate::conformance_suite!(@ $bed;
            writing: [
                a_written_span_comes_back_as_it_was,
                groups_rise_and_are_visible_at_once,
                an_identical_span_is_stored_once_and_counted,
                spans_that_share_an_id_with_other_content_are_both_kept,
                any_time_is_accepted,
                huge_values_come_back,
                two_hundred_writers_at_once_all_commit,
                a_closed_store_refuses_writes_and_closing_twice_is_nothing,
                everything_is_equal_after_reopening
            ];
            following: [
                followers_hear_of_each_new_span_once_and_in_order,
                a_follower_that_came_too_late_hears_what_it_missed,
                a_follower_hears_the_end
            ];
            reading: [
                an_unknown_trace_is_none_and_complete,
                a_trace_over_many_batches_is_whole,
                a_hint_never_hides_a_span
            ];
            searching: [
                each_condition_selects,
                conditions_hold_on_one_span_at_once,
                newest_first_breaks_ties_by_id,
                longest_first_breaks_ties_by_id,
                late_spans_update_the_summary,
                pages_concatenate_to_the_whole_while_more_is_written,
                a_limit_of_zero_still_counts,
                without_a_count_the_pages_are_the_same,
                odd_times_are_found_by_their_own_ranges
            ];
            fields: [
                attributes_are_found_wherever_they_stand,
                attribute_values_match_by_string_form,
                numbers_are_compared_exactly_whatever_their_type,
                texts_are_compared_searched_and_matched,
                some_value_of_several_meets_and_absence_only_meets_what_is_negated,
                names_of_events_and_scopes_and_messages_are_fields
            ];
            counting: [
                services_are_counted,
                operations_are_counted_by_kind,
                keys_and_values_of_attributes_are_counted_by_span,
                red_counts_by_minute_and_service,
                red_by_name_and_entry_only
            ];
            calling: [
                two_halves_are_one_call_in_either_order,
                what_reports_no_spans_is_a_node,
                a_half_waits_and_is_provisional,
                calls_are_counted_by_minute_and_by_node,
                a_span_that_comes_again_is_no_second_call,
                a_half_waits_on_after_reopening,
                edges_equal_those_of_the_oracle
            ];
            progress: [
                what_ends_takes_the_place_of_its_report,
                a_report_that_comes_after_the_end_tells_nothing_new,
                of_several_reports_the_latest_is_shown,
                two_ends_of_one_work_are_both_kept,
                another_kind_or_service_is_other_work,
                pending_spans_are_found_and_count_in_nothing
            ];
            random: [ engine_equals_oracle ]
        );
    };
    (@ $bed:expr; $($module:ident: [ $($case:ident),* ]);*) => {
        $(mod $module {
            use super::*;
            $(#[test]
            fn $case() {
                $crate::conformance::$module::$case(&mut $bed);
            })*
        })*
    };
}

#[cfg(test)]
mod tests {
    use super::MemoryBed;

    crate::conformance_suite!(MemoryBed::default());
}
